#include "base/escape_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace billing {
namespace {

using namespace std::string_view_literals;

std::string escaped(std::string_view bytes) {
  std::string out;
  append_escaped(out, bytes);
  return out;
}

std::string escaped(std::string_view bytes, std::size_t max_bytes) {
  std::string out;
  append_escaped(out, bytes, max_bytes);
  return out;
}

TEST(EscapeText, LeavesTextAsItIs) {
  EXPECT_EQ(escaped("user1 größe 利用者 \"x\" 'y'"), "user1 größe 利用者 \"x\" 'y'");
}

TEST(EscapeText, NamesTheCommonOnes) { EXPECT_EQ(escaped("a\\b\tc\rd\ne"), R"(a\\b\tc\rd\ne)"); }

TEST(EscapeText, ControlCharactersAsBytes) {
  EXPECT_EQ(escaped("\0"sv), R"(\x00)");
  EXPECT_EQ(escaped("\x1b[31m"), R"(\x1B[31m)");
  EXPECT_EQ(escaped("\x7f"), R"(\x7F)");
  EXPECT_EQ(escaped("a\xc2\x85z"), R"(a\xC2\x85z)");
}

TEST(EscapeText, EachByteThatIsNoUtf8) {
  EXPECT_EQ(escaped("a\xff"), R"(a\xFF)");
  EXPECT_EQ(escaped("\xe2\x82"), R"(\xE2\x82)");
  EXPECT_EQ(escaped("\xed\xa0\x80"), R"(\xED\xA0\x80)");
  EXPECT_EQ(escaped("\xc3é"), "\\xC3é");
}

TEST(EscapeText, InMessagesWhatNobodySeesOrTurnsTheOrderAround) {
  EXPECT_EQ(escaped("a\u00a0b\ufeff"), R"(a\xC2\xA0b\xEF\xBB\xBF)");
  EXPECT_EQ(escaped("\u200b\u200f"), R"(\xE2\x80\x8B\xE2\x80\x8F)");
  EXPECT_EQ(escaped("\u202a\u202e"), R"(\xE2\x80\xAA\xE2\x80\xAE)");
  EXPECT_EQ(escaped("\u2066\u2069"), R"(\xE2\x81\xA6\xE2\x81\xA9)");
  EXPECT_EQ(escaped("\u200a\u2010\u2029\u202f\u2065\u206a…"),
            "\u200a\u2010\u2029\u202f\u2065\u206a…");
}

TEST(EscapeText, InFilesThoseStandAsTheyAre) {
  std::string out;
  append_escaped_for_file(out, "a\u00a0\u202e\ufeff", 11);
  EXPECT_EQ(out, "a\u00a0\u202e\ufeff…(+2 bytes)");
}

TEST(EscapeText, CutsLongTextAndSaysHowMuch) {
  EXPECT_EQ(escaped("abcdef", 6), "abcdef");
  EXPECT_EQ(escaped("abcdef", 4), "abcd…(+2 bytes)");
  EXPECT_EQ(escaped("\n\n\n", 2), R"(\n\n…(+1 bytes))");
}

TEST(EscapeText, ACutInsideOfACharacterShowsItsBytes) {
  EXPECT_EQ(escaped("a€", 2), R"(a\xE2…(+2 bytes))");
}

TEST(EscapeText, QuotedTextFitsIntoAMessage) {
  EXPECT_EQ(quoted_text("0,005"), "'0,005'");
  EXPECT_EQ(quoted_text(std::string(1000, 'x')), "'" + std::string(120, 'x') + "…(+880 bytes)'");
}

}  // namespace
}  // namespace billing
