#include <gtest/gtest.h>

#include <string>

#include "record_fixture.h"

namespace billing::naive {
namespace {

const std::string kTime = "2025-05-02T23:16:50Z";

RecordFormat w3c_format() {
  RecordFormat format = json_format();
  format.name = "iis";
  format.family = FormatFamily::w3c;
  format.separator = ' ';
  format.seen_columns = {"date", "time", "cs-username", "cs-uri-stem", "sc-status", "n"};
  format.aliases = {{"uri", "cs-uri-stem"}, {"status", "sc-status"}};
  format.missing_words = {"-"};
  format.mapping = {"$date $time", "cs-username", "path", "sc-status", "n"};
  return format;
}

const std::string kFields = "#Fields: date time cs-username cs-uri-stem sc-status n\n";

TEST(W3cFields, ColumnsAreThoseOfTheLineThatCameLast) {
  EXPECT_EQ(read(w3c_format(),
                 kFields + "2025-05-02 23:16:50 u /a?x - 1\n#Fields: n cs-username time date\n" +
                     "2 v 23:16:50 2025-05-02\n"),
            (Items{"directive", kTime + "|u|/a|0|1", "directive", kTime + "|v|-|0|2"}));
}

TEST(W3cFields, LinesOfAnotherWidthOrWithoutColumns) {
  EXPECT_EQ(read(w3c_format(), "x\n#Fields: date n\n1\n1 2 3\n1 2  \n"),
            (Items{"bad_record@1", "directive", "field_count@2", "field_count@5", "bad_time@1"}));
}

TEST(W3cFields, WhatIsDerivedOfAnAliasStandsWhereItsFieldDoes) {
  RecordFormat format = w3c_format();
  format.mapping.user = "status_class";
  EXPECT_EQ(
      read(format, kFields + "2025-05-02 23:16:50 u /a 200 1\n2025-05-02 23:16:50 u /a - 1\n"),
      (Items{"directive", kTime + "|2xx|/a|200|1", "bad_user@26"}));
}

TEST(W3cFields, AFieldThatNoLineNamesIsRefused) {
  RecordFormat format = w3c_format();
  format.mapping.user = "c-ip";
  EXPECT_NE(refusal(format).find("c-ip"), std::string::npos);
}

TEST(MeantRecords, OthersAreDirectives) {
  RecordFormat format = json_format();
  format.meant_records = "kind = call";
  const std::string fields = R"("time":")" + kTime + R"(","user":"u","quantity":1})";
  EXPECT_EQ(read(format, R"({"kind":"call",)" + fields + "\n" + R"({"kind":"note",)" + fields +
                             "\n{\"user\":\"u\"}\n[]\n"),
            (Items{kTime + "|u|-|0|1", "directive", "directive", "bad_record@1"}));
}

}  // namespace
}  // namespace billing::naive
