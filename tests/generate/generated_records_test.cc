// What a strict reader of the text format says about generated records, good and bad.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "generate/bad_records.h"
#include "generate/log_generator.h"

namespace billing {
namespace {

using Order = LogGeneratorOptions::Order;

// A reader that is as strict and as plain as can be, for the forms that the generator writes (times
// in whole seconds of UTC).

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::size_t begin = 0;
  while ((begin = line.find_first_not_of(" \t", begin)) != std::string::npos) {
    const std::size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end;
  }
  return fields;
}

bool all_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_time(const std::string& text) {
  if (text.size() != 20) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char shape = std::string_view("dddd-dd-ddTdd:dd:ddZ")[i];
    if (shape == 'd' ? !all_digits(text.substr(i, 1)) : text[i] != shape) return false;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    return std::stoi(text.substr(at, size));
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1970 || year > 2261 || month < 1 || month > 12) return false;
  const bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int days[] = {31, is_leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return day >= 1 && day <= days[month - 1] && number(11, 2) < 24 && number(14, 2) < 60 &&
         number(17, 2) < 60;
}

/// The bytes of the UTF-8 character that begins with `lead`; 0 if none does.
std::size_t utf8_size(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  return lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

bool is_name(std::string_view text) {
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};  // by size: else overlong
  if (text.empty() || text.size() > 255) return false;
  while (!text.empty()) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t size = utf8_size(lead);
    if (size == 0 || size > text.size()) return false;
    std::uint32_t point = size == 1 ? lead : lead & (0x7fU >> size);
    for (const char c : text.substr(1, size - 1)) {
      const auto next = static_cast<unsigned char>(c);
      if ((next & 0xc0) != 0x80) return false;
      point = point << 6 | (next & 0x3f);
    }
    if (point < kLeast[size] || point > 0x10ffff) return false;
    if (point >= 0xd800 && point < 0xe000) return false;                // a surrogate
    if (point < 0x20 || (point >= 0x7f && point < 0xa0)) return false;  // a control character
    text.remove_prefix(size);
  }
  return true;
}

bool is_duration(std::string_view text) {
  if (text.size() < 3 || text.size() > 17 || text.substr(text.size() - 2) != "ms") return false;
  return all_digits(text.substr(0, text.size() - 2));
}

/// The reason to reject the line, empty for a good one.
std::string reason_to_reject(const std::string& line) {
  const std::vector<std::string> fields = fields_of(line);
  if (fields.size() != 5) return "field_count";
  if (!is_time(fields[0])) return "bad_time";
  if (!is_name(fields[1])) return "bad_user";
  if (!is_name(fields[2])) return "bad_task";
  const std::string& status = fields[3];
  if (status.size() != 3 || !all_digits(status)) return "bad_status";
  if (status[0] < '1' || status[0] > '5') return "bad_status";
  return is_duration(fields[4]) ? "" : "bad_duration";
}

std::vector<std::string> generated_lines(const LogGeneratorOptions& options) {
  const LogGenerator generator(options);
  std::vector<char> log(generator.max_size_bytes(options.records));
  log.resize(generator.write(0, options.records, log));
  std::vector<std::string> lines;
  for (auto begin = log.begin(); begin != log.end();) {
    const auto end = std::find(begin, log.end(), '\n');
    lines.emplace_back(begin, end);
    begin = end + 1;
  }
  return lines;
}

TEST(GeneratedRecords, AreAllGoodUnlessBadOnesWereAskedFor) {
  for (const Order order : {Order::time, Order::shuffled}) {
    const auto lines = generated_lines({.records = 20'000, .order = order});
    EXPECT_EQ(lines.size(), 20'000U);
    for (const std::string& line : lines) ASSERT_EQ(reason_to_reject(line), "") << line;
  }
}

TEST(GeneratedRecords, ReachFromTheFirstYearToTheLast) {
  const LogGeneratorOptions options{.records = 200'000,
                                    .start_s = 0,
                                    .end_s = LogGeneratorOptions::kMaxEndS,
                                    .order = Order::shuffled};
  std::set<std::string> years;
  for (const std::string& line : generated_lines(options)) {
    ASSERT_EQ(reason_to_reject(line), "") << line;
    years.insert(line.substr(0, 4));
  }
  EXPECT_EQ(years.size(), 292U);
  EXPECT_EQ(*years.begin() + *years.rbegin(), "19702261");
}

TEST(GeneratedRecords, AreAllBadAndOfEveryKindWhenAllAreToBe) {
  const LogGeneratorOptions options{.records = 20'000, .bad_ppm = 1'000'000};
  const LogGenerator generator(options);
  const auto lines = generated_lines(options);
  ASSERT_EQ(lines.size(), options.records);
  std::map<std::string_view, int> count_by_kind;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const BadRecordKind& kind = bad_record_kinds()[generator.bad_kind(i)];
    ASSERT_EQ(reason_to_reject(lines[i]), kind.reason) << kind.name << ": " << lines[i];
    ++count_by_kind[kind.name];
  }
  EXPECT_EQ(count_by_kind.size(), bad_record_kinds().size()) << "a kind was never drawn";
}

TEST(GeneratedRecords, AreBadInTheShareThatWasAskedFor) {
  double bad = 0;
  for (const std::string& line : generated_lines({.records = 100'000, .bad_ppm = 20'000})) {
    bad += reason_to_reject(line).empty() ? 0 : 1;
  }
  EXPECT_NEAR(bad, 2000, 5 * std::sqrt(2000 * 0.98));  // five standard deviations
}

TEST(BadRecordKinds, AreRejectedForTheReasonsInTheirTable) {
  std::set<std::string_view> reasons;
  const std::string good = "2025-05-02T23:16:50Z user115 login 200 50ms";
  EXPECT_EQ(reason_to_reject(good), "");
  for (const BadRecordKind& kind : bad_record_kinds()) {
    EXPECT_EQ(reason_to_reject(spoil_record(good, kind)), kind.reason) << kind.name;
    reasons.insert(kind.reason);
  }
  EXPECT_EQ(reasons, (std::set<std::string_view>{"field_count", "bad_time", "bad_user", "bad_task",
                                                 "bad_status", "bad_duration"}));
}

}  // namespace
}  // namespace billing
