#include "state/kept_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "billing/error.h"

namespace billing {
namespace {

RecordFormat unusual() {
  RecordFormat format;
  format.name = "tsv";
  format.family = FormatFamily::csv;
  format.definition = "$status";
  format.separator = '\t';
  format.has_quotes = false;
  format.has_header = false;
  format.columns = {"a", "", "a", "quantity"};
  format.decimal_comma = true;
  format.seen_columns = {"b", "c"};
  format.mapping = {"a:unix", "b", "c", "d", "e:s"};
  format.measures = {{"in", "x=y"}, {"out", "z:s"}};
  format.missing_words = {"NULL", "-"};
  format.aliases = {{"remote_addr", "c-ip"}, {"a", "b=c"}};
  format.meant_records = "logger = a";
  format.folds_ids = false;
  format.task_patterns = {"/a/{id}", "/b/**"};
  format.input_timezone = "Europe/Berlin";
  format.timezone = "Asia/Tokyo";
  format.excess_digits = ExcessDigits::round;
  return format;
}

TEST(KeptFormat, EverySettingComesBack) {
  EXPECT_EQ(format_kept_as(kept_format(unusual())), unusual());
  RecordFormat json;
  json.name = "json";
  json.family = FormatFamily::json;
  EXPECT_EQ(format_kept_as(kept_format(json)), json);
}

TEST(KeptFormat, OfTextIsNothing) {
  EXPECT_EQ(kept_format({}), "");
  EXPECT_EQ(format_kept_as(""), RecordFormat{});
}

TEST(KeptFormat, WhatThisProgramDoesNotKnowIsRefused) {
  const std::string kept = kept_format(unusual());
  for (std::size_t size = 1; size < kept.size(); ++size)
    EXPECT_THROW(format_kept_as(kept.substr(0, size)), Error) << size;
  std::string other = kept;
  other[other.find("family")] = 'F';
  EXPECT_THROW(format_kept_as(other), Error);
  EXPECT_THROW(format_kept_as(kept + '\0'), Error);
}

TEST(KeptFormat, OfTooManyColumnsIsAMistake) {
  RecordFormat format = unusual();
  format.columns.assign(20'000, "column");
  EXPECT_THROW(kept_format(format), Error);
}

TEST(KeptFormat, AChangeIsToldByTheNamesOfOptions) {
  RecordFormat now = unusual();
  EXPECT_EQ(describe_format_change(unusual(), now), "");
  now.mapping.user = "id";
  EXPECT_EQ(describe_format_change(unusual(), now), "\1user 'b' until now, 'id' from here on");
  now.name = "csv";
  EXPECT_EQ(describe_format_change(unusual(), now), "\1format 'tsv' until now, 'csv' from here on");
}

/// Two columns that change places mean other bills, however many stand before them.
TEST(KeptFormat, AChangeBehindManyColumnsIsToldWhereItIs) {
  RecordFormat before = unusual();
  before.columns.assign(100, "a column of a long name");
  before.columns[98] = "quantity";
  before.columns[99] = "price";
  RecordFormat now = before;
  std::swap(now.columns[98], now.columns[99]);
  const std::string change = describe_format_change(before, now);
  EXPECT_NE(change.find("quantity,price' until now"), std::string::npos) << change;
  EXPECT_NE(change.find("price,quantity' from here on"), std::string::npos) << change;
  EXPECT_LT(change.size(), 300U);
}

TEST(KeptFormat, AnyOtherListIsAChange) {
  RecordFormat before = unusual();
  before.columns = {"a,b", "c"};
  RecordFormat now = before;
  now.columns = {"a", "b,c"};
  EXPECT_NE(describe_format_change(before, now), "");
  before.definition.assign(300, 'x');
  now = before;
  now.definition.back() = 'b';
  EXPECT_NE(describe_format_change(before, now).find("xb' from here on"), std::string::npos);
}

TEST(KeptFormat, LayoutsAndWrappersComeBack) {
  RecordFormat format;
  format.wrapper = Wrapper::cri;
  format.stream = LogStream::all;
  EXPECT_EQ(format_kept_as(kept_format(format)), format);
  format = {.name = "json", .family = FormatFamily::json, .layout = JsonLayout::array};
  EXPECT_EQ(format_kept_as(kept_format(format)), format);
  format.layout = JsonLayout::objects;
  EXPECT_EQ(format_kept_as(kept_format(format)), format);
}

/// Which columns a log has named by now is no change of how it is read.
TEST(KeptFormat, WhatALogSaysOnItsWayIsNoChange) {
  RecordFormat before{.name = "iis", .family = FormatFamily::w3c, .columns = {"date", "time"}};
  RecordFormat now{.name = "iis", .family = FormatFamily::w3c, .seen_columns = {"date", "c-ip"}};
  EXPECT_EQ(describe_format_change(before, now), "");
  now.wrapper = Wrapper::compose;
  EXPECT_EQ(describe_format_change(before, now),
            "\1unwrap as usual until now, 'compose' from here on");
}

}  // namespace
}  // namespace billing
