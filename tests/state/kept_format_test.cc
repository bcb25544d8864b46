#include "state/kept_format.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace billing
