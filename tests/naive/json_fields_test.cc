#include <gtest/gtest.h>

#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

/// The record without its last brace, then what is tried.
std::string with(const std::string& members) {
  return R"({"time":"2025-05-02T00:00:00Z","user":"u","task":"t","status":200,)" + members + "}";
}

std::string quantity_of(const std::string& json) {
  const std::string item = read_one(json_format(), with("\"quantity\":" + json));
  return item.find('|') == item.npos ? item.substr(0, item.find('@'))
                                     : item.substr(item.rfind('|') + 1);
}

TEST(JsonFields, AnObjectALineIsAnEvent) {
  EXPECT_EQ(read_one(json_format(), with("\"quantity\":12")), "2025-05-02T00:00:00Z|u|t|200|12");
  EXPECT_EQ(read(json_format(), "\n \t\r\n" + with("\"quantity\":1") + "\r\n{}\n[]\n1\n\"a\"\n"),
            (Items{"blank", "blank", "2025-05-02T00:00:00Z|u|t|200|1", "bad_time@1", "bad_record@1",
                   "bad_record@1", "bad_record@1"}));
}

TEST(JsonFields, QuantitiesAreReadFromTheirText) {
  for (const char* const same : {"\"12\"", "12", "12.0", "1.2e1", "120E-1", "\"+12\"", "\"012\""}) {
    EXPECT_EQ(quantity_of(same), "12") << same;
  }
  EXPECT_EQ(quantity_of("9007199254740993"), "bad_quantity");
  EXPECT_EQ(quantity_of("999999999999999"), "999999999999999");
  EXPECT_EQ(quantity_of("1000000000000000"), "bad_quantity");
  for (const char* const bad : {"null", "-5", "-0", "0.5", "\"1 \"", "\"\"", "true", "{}", "[1]",
                                "1e1000", "\"1e\"", "\"0x1\""}) {
    EXPECT_EQ(quantity_of(bad), "bad_quantity") << bad;
  }
  for (const char* const broken :
       {"012", "NaN", "+1", "1.", ".5", "1e", "tru", "Infinity", "-", "'1'", "1,", "1 2", ""}) {
    EXPECT_EQ(quantity_of(broken), "bad_record") << broken;
  }
}

TEST(JsonFields, ARecordIsValidAsAWholeAlsoWhereNobodyAsked) {
  EXPECT_EQ(read_one(json_format(), R"({"user":"a","x":tru,"quantity":1})"), "bad_record@1");
  const std::string good = "\"quantity\":1,";
  for (const char* const broken : {R"("x":"\q")",
                                   R"("x":"\ud800")",
                                   R"("x":"\udc00\ud800")",
                                   R"("x":"\ud800\u0041")",
                                   R"("x":"\u12")",
                                   R"("x\u0000":1)",
                                   R"("x":{"y\u0000":1})",
                                   "\"x\":\"\x01\"",
                                   "\"x\":\"\xFF\"",
                                   "\"x\":\"\xC0\x80\"",
                                   "\"x\":\"\xED\xA0\x80\"",
                                   R"("x":[1,])",
                                   R"("x":{"a":1,})",
                                   R"("x":{"a"})",
                                   R"("x":{a:1})",
                                   R"("x":"a)",
                                   R"("x":1}{)",
                                   "\"x\":1} x",
                                   R"("x")",
                                   "\"x\":\"\\\n\""}) {
    EXPECT_EQ(read(json_format(), with(good + broken)).front(), "bad_record@1") << broken;
  }
  for (const char* const fine :
       {R"("x":"\ud83d\ude00\u0000\/\b\f\n\r\t\"\\")", "\"x\":\"\x7F\xF0\x9F\x98\x80\"",
        "\"x\" : [ ] ,\t\"y\" : { \"z\" : [ { } , null , false ] }", "\"\":-0.0e+10"}) {
    EXPECT_EQ(read_one(json_format(), with(good + fine)), "2025-05-02T00:00:00Z|u|t|200|1") << fine;
  }
}

TEST(JsonFields, GoesSixtyFourDeepAndNoDeeper) {
  const auto nested = [](int depth) {
    const auto count = static_cast<std::size_t>(depth);
    return with("\"quantity\":1,\"x\":" + std::string(count, '[') + std::string(count, ']'));
  };
  EXPECT_EQ(read_one(json_format(), nested(63)), "2025-05-02T00:00:00Z|u|t|200|1");
  EXPECT_EQ(read_one(json_format(), nested(64)), "bad_record@1");
  EXPECT_EQ(read_one(json_format(), nested(10'000)), "bad_record@1");
}

TEST(JsonFields, OfAKeyTwiceTheFirstCounts) {
  EXPECT_EQ(read_one(json_format(), with(R"("quantity":1,"quantity":2,"user":"v")")),
            "2025-05-02T00:00:00Z|u|t|200|1");
  EXPECT_EQ(
      read_one(json_format(), R"({"\u0075ser":"a","user":"b","time":1746144000,"quantity":1})"),
      "2025-05-02T00:00:00Z|a|-|0|1");
  RecordFormat format = json_format();
  format.mapping.user = "a.b";
  EXPECT_EQ(read_one(format, with(R"("quantity":1,"a":{"b":"x","b":"y"},"a":{"b":"z"})")),
            "2025-05-02T00:00:00Z|x|t|200|1");
}

TEST(JsonFields, NamesAreKeysThenPathsOrPointers) {
  const auto user = [](const std::string& selector, const std::string& members) {
    RecordFormat format = json_format();
    format.mapping.user = selector;
    const std::string item = read_one(format, with("\"quantity\":1," + members));
    return item.starts_with("bad") ? item : item.substr(21, item.find('|', 21) - 21);
  };
  EXPECT_EQ(user("a.b", R"("a.b":"whole","a":{"b":"path"})"), "whole");
  EXPECT_EQ(user("a.b", R"("a":{"b":"path"})"), "path");
  EXPECT_EQ(user("a.b", R"("a.b":null,"a":{"b":"path"})"), "bad_user@86");
  EXPECT_EQ(user("`a.b`", R"("a":{"b":"path"})"), "bad_user@1");
  EXPECT_EQ(user("a.b.c", R"("a":{"b":"path"})"), "bad_user@1");
  EXPECT_EQ(user("a.0", R"("a":["x"])"), "bad_user@1");
  EXPECT_EQ(user("/a/1/b", R"("a":[0,{"b":"deep"}])"), "deep");
  EXPECT_EQ(user("/a/01", R"("a":[0,"x"])"), "bad_user@1");
  EXPECT_EQ(user("/a/2", R"("a":[0,"x"])"), "bad_user@1");
  EXPECT_EQ(user("/x~1y/~01", R"("x/y":{"~1":"odd"})"), "odd");
  EXPECT_EQ(user("/a", R"("/a":"key","a":"pointer")"), "key");
  EXPECT_EQ(user("${a.b}-$a.c", R"("a":{"b":1.0,"c":true})"), "1.0-true");
}

TEST(JsonFields, ColumnsAreThoseOfTheValues) {
  EXPECT_EQ(read_one(json_format(), R"({"time": "x"})"), "bad_time@10");
  EXPECT_EQ(read_one(json_format(),
                     "\xEF\xBB\xBF"
                     R"({"time": null})"),
            "bad_time@13");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":""})"), "bad_user@27");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":{"a":1}})"), "bad_user@27");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":1,"task":[]})"), "bad_task@36");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":1,"status":200.0})"),
            "bad_status@38");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":1,"quantity":{}})"),
            "bad_quantity@40");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":1})"), "bad_quantity@1");
}

TEST(JsonFields, ScalarsStandForTheirText) {
  EXPECT_EQ(read_one(json_format(),
                     R"({"time":1746144000,"user":1.0,"task":false,"status":"9","quantity":1})"),
            "2025-05-02T00:00:00Z|1.0|false|9|1");
  EXPECT_EQ(read_one(json_format(), R"({"time":1746144000,"user":"a\nb","quantity":1})"),
            "bad_user@27");
}

TEST(JsonFields, ARecordThatIsTooLongIsNotLookedAt) {
  const std::string record = with("\"quantity\":1");
  EXPECT_EQ(read(json_format(), record + "\n", record.size()).front(),
            "2025-05-02T00:00:00Z|u|t|200|1");
  EXPECT_EQ(read(json_format(), record + "\r\n", record.size() - 1).front(), "too_long@1");
}

}  // namespace
}  // namespace billing::naive
