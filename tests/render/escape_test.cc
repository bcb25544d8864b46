#include "render/escape.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace billing {
namespace {

std::string cell(std::string_view text) {
  std::string out;
  append_csv_cell(out, text, false);
  return out;
}

std::string safe_cell(std::string_view text) {
  std::string out;
  append_csv_cell(out, text, true);
  return out;
}

std::string json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST(CsvCell, PlainTextStaysAsItIs) {
  EXPECT_EQ(cell(""), "");
  EXPECT_EQ(cell("user1"), "user1");
  EXPECT_EQ(cell("it's größe; a b"), "it's größe; a b");
}

TEST(CsvCell, IsQuotedForCommasQuotesAndLineEnds) {
  EXPECT_EQ(cell("a,b"), "\"a,b\"");
  EXPECT_EQ(cell("a\nb"), "\"a\nb\"");
  EXPECT_EQ(cell("a\rb"), "\"a\rb\"");
  EXPECT_EQ(cell("a\"b\"\""), "\"a\"\"b\"\"\"\"\"");
}

TEST(CsvCell, FormulasAreOnlyGuardedOnDemand) {
  EXPECT_EQ(cell("=1+1"), "=1+1");
  EXPECT_EQ(safe_cell("=1+1"), "'=1+1");
  EXPECT_EQ(safe_cell("+1"), "'+1");
  EXPECT_EQ(safe_cell("-1"), "'-1");
  EXPECT_EQ(safe_cell("@x"), "'@x");
  EXPECT_EQ(safe_cell("a=1"), "a=1");
  EXPECT_EQ(safe_cell(""), "");
}

TEST(CsvCell, TheGuardStandsInsideOfTheQuotes) {
  EXPECT_EQ(safe_cell("=f(1,\"x\")"), "\"'=f(1,\"\"x\"\")\"");
  EXPECT_EQ(safe_cell("\"=1"), "\"\"\"=1\"");
}

TEST(JsonString, EscapesOnlyQuotesAndBackslashes) {
  EXPECT_EQ(json(""), "\"\"");
  EXPECT_EQ(json("größe/利用者"), "\"größe/利用者\"");
  EXPECT_EQ(json(R"(a"b\c)"), R"("a\"b\\c")");
}

}  // namespace
}  // namespace billing
