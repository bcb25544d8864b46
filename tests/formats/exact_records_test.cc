// Plain records and those that just miss being so, in memory of exactly their size, where kernels
// must leave the last ones to others, and in front of more memory: every level of vector
// instructions must make the same events of them, to the nanosecond.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "billing/mediate.h"
#include "job/plain_texts.h"
#include "mapping/exact_bytes.h"

namespace billing {
namespace {

/// Of an event or a reject: offset, time, user, task, status, quantity, reason and column.
using Decision = std::tuple<std::uint64_t, std::int64_t, std::string, std::string, std::uint16_t,
                            std::int64_t, int, std::uint32_t>;

std::vector<Decision> decisions_of(const RecordFormat& format, std::string_view text,
                                   std::size_t readable_bytes, SimdLevel level) {
  const auto batch = std::make_unique<EventBatch>();
  std::vector<Decision> decisions;
  MediationOptions options;
  options.format = make_input_format(format);
  options.simd = level;
  mediate(
      {text, readable_bytes, true}, options, *batch,
      [&](EventBatch& full) {
        for (std::size_t i = 0; i < full.size; ++i) {
          decisions.emplace_back(full.offset_bytes[i], full.time_ns[i], full.user[i], full.task[i],
                                 full.status[i], full.quantity[i], -1, 0);
        }
      },
      [&](const Reject& reject) {
        decisions.emplace_back(reject.offset_bytes, 0, "", "", kNoStatus, 0,
                               static_cast<int>(reject.reason), reject.column);
      });
  std::sort(decisions.begin(), decisions.end());
  return decisions;
}

void expect_same(const RecordFormat& format, const std::string& log) {
  const ExactBytes exact(log);
  const std::string longer = log + std::string(200, '"');
  const std::vector<Decision> expected =
      decisions_of(format, exact.view(), log.size(), SimdLevel::scalar);
  for (const SimdLevel level : available_simd_levels()) {
    SCOPED_TRACE(name_of(level));
    ASSERT_EQ(decisions_of(format, exact.view(), log.size(), level), expected) << log;
    const std::string_view text = std::string_view(longer).substr(0, log.size());
    ASSERT_EQ(decisions_of(format, text, longer.size(), level), expected) << log;
  }
}

RecordFormat format_of(FormatFamily family) {
  RecordFormat format;
  format.family = family;
  format.columns = {"time", "id", "user", "task", "status", "duration_ms", "client"};
  format.has_quotes = family == FormatFamily::csv;
  format.mapping = {"time", "user", "task", "status", "duration_ms"};
  return format;
}

std::string log_of(PlainTexts& texts, FormatFamily family, std::size_t records) {
  std::string log;
  for (; records > 0; --records)
    log += (family == FormatFamily::csv ? texts.row() : texts.json()) + texts.line_end();
  if (texts.below(3) == 0) log.pop_back();
  return log;
}

class ExactRecords : public testing::TestWithParam<FormatFamily> {};

TEST_P(ExactRecords, OfFewRecords) {
  for (std::uint64_t round = 0; round < 600; ++round) {
    SCOPED_TRACE(round);
    PlainTexts texts(round);
    texts.is_mixed = round % 2 == 0;
    expect_same(format_of(GetParam()), log_of(texts, GetParam(), 1 + texts.below(12)));
  }
}

TEST_P(ExactRecords, OfMoreThanAWindow) {
  for (std::uint64_t round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    PlainTexts texts(round);
    texts.is_mixed = round % 2 == 0;
    expect_same(format_of(GetParam()), log_of(texts, GetParam(), 1500));
  }
}

INSTANTIATE_TEST_SUITE_P(All, ExactRecords, testing::Values(FormatFamily::csv, FormatFamily::json));

}  // namespace
}  // namespace billing
