#include <gtest/gtest.h>

#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

const std::string kStart = "time=2025-05-02T00:00:00Z quantity=1 ";
const std::string kTime = "2025-05-02T00:00:00Z";

TEST(LogfmtFields, PairsStandBetweenSpacesOrTabs) {
  EXPECT_EQ(read_one(logfmt_format(), " \t" + kStart + "user=u\t task=t  status=200 "),
            kTime + "|u|t|200|1");
  EXPECT_EQ(read(logfmt_format(), " \t\r\n\n"), (Items{"blank", "blank"}));
}

TEST(LogfmtFields, ABareValueMayHoldEqualSignsButNoQuotes) {
  EXPECT_EQ(read_one(logfmt_format(), kStart + "user=a=b"), kTime + "|a=b|-|0|1");
  EXPECT_EQ(read_one(logfmt_format(), kStart + "user=a\"b"), "bad_record@1");
}

TEST(LogfmtFields, QuotedValuesHaveEscapes) {
  EXPECT_EQ(read_one(logfmt_format(), kStart + R"(user="a \"b\" \\ \u00e4 \ud83d\ude00")"),
            kTime + "|a \"b\" \\ \xC3\xA4 \xF0\x9F\x98\x80|-|0|1");
  EXPECT_EQ(read_one(logfmt_format(), kStart + R"(x="\n\r\t" user=u)"), kTime + "|u|-|0|1");
  for (const char* const broken : {R"(x="\q")", R"(x="\/")", R"(x="a)", R"(x="a\")", R"(x="a"b)",
                                   R"(x="\u12")", R"(x="\ud800")", "x=\"\\\""}) {
    EXPECT_EQ(read_one(logfmt_format(), kStart + broken), "bad_record@1") << broken;
  }
}

TEST(LogfmtFields, AKeyAloneIsTrueAndOfTwoTheFirstCounts) {
  EXPECT_EQ(read_one(logfmt_format(), kStart + "user"), kTime + "|true|-|0|1");
  EXPECT_EQ(read_one(logfmt_format(), kStart + "user=a user=b"), kTime + "|a|-|0|1");
  EXPECT_EQ(read_one(logfmt_format(), "no pair here"), "bad_record@1");
  EXPECT_EQ(read_one(logfmt_format(), kStart + "=x"), "bad_record@1");
  EXPECT_EQ(read_one(logfmt_format(), kStart + "a\"b=x"), "bad_record@1");
}

TEST(LogfmtFields, ColumnsAreThoseOfTheValues) {
  EXPECT_EQ(read_one(logfmt_format(), "a=b"), "bad_time@1");
  EXPECT_EQ(read_one(logfmt_format(), "a=b time"), "bad_time@5");
  EXPECT_EQ(read_one(logfmt_format(), "a=b time= x=y"), "bad_time@10");
  EXPECT_EQ(read_one(logfmt_format(), "a=b time=\"x\""), "bad_time@10");
  EXPECT_EQ(read_one(logfmt_format(),
                     "\xEF\xBB\xBF"
                     "time=x"),
            "bad_time@9");
}

}  // namespace
}  // namespace billing::naive
