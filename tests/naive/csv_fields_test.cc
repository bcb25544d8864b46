#include <gtest/gtest.h>

#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

const std::string kTime = "2025-05-02T00:00:00Z";
const std::string kGood = kTime + "|u|t|200|1";

TEST(CsvFields, ARowOfCellsIsAnEvent) {
  EXPECT_EQ(
      read(csv_format(), kTime + ",u,t,200,1\n" + kTime + ",u,t,200,1\r\n" + kTime + ",u,t,200,1"),
      (Items{kGood, kGood, kGood}));
}

TEST(CsvFields, TheFirstRecordThatIsNoBlankIsTheHeader) {
  RecordFormat format = csv_format();
  format.has_header = true;
  EXPECT_EQ(read(format, "\xEF\xBB\xBF\n\r\n\"x\n\"y,\n\n" + kTime + ",u,t,200,1\n"),
            (Items{"blank", "blank", "directive", "blank", kGood}));
  EXPECT_EQ(read(format, ""), Items{});
}

TEST(CsvFields, QuotesEncloseSeparatorsQuotesAndLineEnds) {
  EXPECT_EQ(read_one(csv_format(), kTime + ",\"a, \"\"b\"\"\",\"t\",200,\"1\"\n"),
            kTime + "|a, \"b\"|t|200|1");
  EXPECT_EQ(read(csv_format(), kTime + ",\"a\nb\",t,200,1\n" + kTime + ",u,t,200,1\n"),
            (Items{"bad_user@22", kGood}));
  EXPECT_EQ(read_one(csv_format(), kTime + ",a\"b\"c,t,200,1"), kTime + "|a\"b\"c|t|200|1");
}

TEST(CsvFields, WrongQuotesAreABadRecordBeforeTheWidthIsLookedAt) {
  EXPECT_EQ(read_one(csv_format(), "\"a\"b,c"), "bad_record@1");
  EXPECT_EQ(read_one(csv_format(), "\"a\" ,c"), "bad_record@1");
  EXPECT_EQ(read_one(csv_format(), "\"a,c\n\n"), "bad_record@1");
  EXPECT_EQ(read_one(csv_format(), "a\"b\nc\"d\n"), "bad_record@1");
  EXPECT_EQ(read_one(csv_format(), "\"\"\"\n"), "bad_record@1");
}

TEST(CsvFields, AStrayQuoteReachesToTheNextOne) {
  RecordFormat format = csv_format();
  format.has_header = true;
  const std::string row = kTime + ",u,t,200,1\n";
  EXPECT_EQ(read(format, "time,user,task,status,quantity\n" + row + row + kTime + ",\"u,t,200,1\n" +
                             kTime + ",\"u\nv\",t,200,1\n" + kTime + ",u,t,200,1,x\n"),
            (Items{"directive", kGood, kGood, "bad_record@1", "bad_record@1"}));
}

TEST(CsvFields, AnotherWidthIsRejectedButForEmptyCellsAtTheEnd) {
  EXPECT_EQ(read_one(csv_format(), kTime + ",u,t,200"), "field_count@29");
  EXPECT_EQ(read_one(csv_format(), kTime + ",u,t,200,1,x"), "field_count@32");
  EXPECT_EQ(read_one(csv_format(), kTime + ",u,t,200,1,,x"), "field_count@32");
  EXPECT_EQ(read_one(csv_format(), kTime + ",u,t,200,1,,\"\","), kGood);
  EXPECT_EQ(read_one(csv_format(),
                     "\xEF\xBB\xBF"
                     "a,b"),
            "field_count@7");
  EXPECT_EQ(read_one(csv_format(), " "), "field_count@2");
}

TEST(CsvFields, ColumnsAreThoseOfTheCells) {
  EXPECT_EQ(read_one(csv_format(), "\"x\",u,t,200,1"), "bad_time@1");
  EXPECT_EQ(read_one(csv_format(), kTime + ",,t,200,1"), "bad_user@22");
  EXPECT_EQ(read_one(csv_format(), kTime + ", u,t,200,1"), "bad_user@22");
  EXPECT_EQ(read_one(csv_format(), kTime + ",\"u\",\"t\t\",200,1"), "bad_task@26");
  EXPECT_EQ(read_one(csv_format(), kTime + ",u,t,2000,1"), "bad_status@26");
  EXPECT_EQ(read_one(csv_format(), kTime + ",u,t,200,"), "bad_quantity@30");
}

TEST(CsvFields, OtherSeparatorsAndNoQuotes) {
  RecordFormat format = csv_format();
  format.separator = ';';
  EXPECT_EQ(read_one(format, kTime + ";u,v;t;200;1"), kTime + "|u,v|t|200|1");
  format.separator = '\t';
  format.has_quotes = false;
  EXPECT_EQ(read(format, kTime + "\t\"u\tt\t200\t1\n" + kTime + "\t\"u\"\tt\t200\t1\n"),
            (Items{kTime + "|\"u|t|200|1", kTime + "|\"u\"|t|200|1"}));
}

TEST(CsvFields, AWordAndADashCanMeanMissing) {
  RecordFormat format = csv_format();
  format.missing_words = {"NULL", "-"};
  EXPECT_EQ(read_one(format, kTime + ",NULL,t,200,1"), "bad_user@22");
  EXPECT_EQ(read_one(format, kTime + ",-,t,200,1"), "bad_user@22");
  EXPECT_EQ(read_one(format, kTime + ",u,NULL,NULL,1"), kTime + "|u|-|0|1");
  EXPECT_EQ(read_one(csv_format(), kTime + ",-,NULL,-,1"), kTime + "|-|NULL|0|1");
}

TEST(CsvFields, OfTwoColumnsOfOneNameTheFirstCounts) {
  RecordFormat format = csv_format();
  format.columns = {"time", "user", "user", "status", "quantity"};
  format.mapping.task = "none";
  EXPECT_EQ(read_one(format, kTime + ",a,b,,1"), kTime + "|a|-|0|1");
}

TEST(CsvFields, ANameThatNoColumnHasIsRefused) {
  RecordFormat format = csv_format();
  format.mapping.quantity = "cost";
  EXPECT_EQ(refusal(format),
            "quantity: there is no field 'cost', only time user task status quantity");
  format.mapping.quantity = "1";
  format.mapping.task = "$tusk";
  EXPECT_NE(refusal(format), "");
}

TEST(CsvFields, DecimalCommasWithGroups) {
  RecordFormat format = csv_format();
  format.separator = ';';
  format.quantity.digits = 2;
  const auto quantity = [&](const std::string& text) {
    const std::string item = read_one(format, kTime + ";u;t;200;" + text);
    return item.starts_with("bad") ? "bad" : item.substr(item.rfind('|') + 1);
  };
  EXPECT_EQ(quantity("1.234,56"), "bad");
  format.decimal_comma = true;
  EXPECT_EQ(quantity("1.234,56"), "123456");
  EXPECT_EQ(quantity("1234,5"), "123450");
  EXPECT_EQ(quantity("1.234.567"), "123456700");
  EXPECT_EQ(quantity(",5"), "50");
  EXPECT_EQ(quantity("1,5e1"), "1500");
  for (const char* const bad : {"1.5", "1234.567", ".123", "1.234.56", "1,234.5", "1,", "1,5,5"}) {
    EXPECT_EQ(quantity(bad), "bad") << bad;
  }
}

}  // namespace
}  // namespace billing::naive
