// `every:`, `all` and `calls:`: the cycles that no time zone touches.

#include <gtest/gtest.h>

#include <limits>

#include "cycle_fixture.h"

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

TEST(EveryCyclesTest, ACycleIsNamedAfterItsStart) {
  EXPECT_EQ(label_at(*policy("every:15m"), "2025-05-02T23:16:50Z"), "2025-05-02T23:15:00Z");
  EXPECT_EQ(label_at(*policy("every:1s"), "2025-05-02T23:16:50.9Z"), "2025-05-02T23:16:50Z");
  EXPECT_EQ(label_at(*policy("every:6h"), "2025-05-02T23:16:50Z"), "2025-05-02T18:00:00Z");
  EXPECT_EQ(label_at(*policy("every:1d"), "2025-05-02T23:16:50Z"), "2025-05-02T00:00:00Z");
}

TEST(EveryCyclesTest, TheTimeZoneDoesNotMatter) {
  EXPECT_EQ(label_at(*policy("every:1d", "Asia/Kathmandu"), "2025-05-02T23:16:50Z"),
            "2025-05-02T00:00:00Z");
}

TEST(EveryCyclesTest, BeforeTheEpochTheDivisionFloors) {
  EXPECT_EQ(label_at(*policy("every:7s"), "1970-01-01T00:00:00+00:01"), "1969-12-31T23:58:57Z");
  EXPECT_EQ(policy("every:7s")->cycle_of(-1), -1);
}

TEST(EveryCyclesTest, TheLongestCycleHoldsAllOfHistoryAndEndsWhereTimeEnds) {
  const auto cycles = policy("every:1000000000d");
  const CycleSpan span = cycles->span_of(at("2025-05-02"));
  EXPECT_EQ(label_of(*cycles, span.cycle), "1970-01-01T00:00:00Z");
  EXPECT_EQ(span.begin_ns, 0);
  EXPECT_EQ(span.end_ns, Limits::max());
  const CycleSpan before = cycles->span_of(-1);
  EXPECT_EQ(before.begin_ns, Limits::min());
  EXPECT_EQ(before.end_ns, 0);
  EXPECT_EQ(label_of(*cycles, before.cycle), "-2735938-12-29T00:00:00Z");
}

TEST(EveryCyclesTest, WhatIsNoLengthIsRefused) {
  for (const char* length : {"", "5", "m", "0s", "1000000001s", "99999999999999999999s", "-1s",
                             "+1s", "1.5h", "1w", "1M", "15 m", "15min", " 1s", "1s "}) {
    const std::string name = "every:" + std::string(length);
    EXPECT_EQ(error_of([&] { policy(name); }),
              "cycle: '" + name +
                  "' is no length; use every: with a number from 1 to 1000000000 and s, m, h or d, "
                  "such as every:15m");
  }
}

TEST(AllCyclesTest, AllTimeIsOneCycle) {
  const auto all = policy("all");
  EXPECT_EQ(label_at(*all, "1970-01-01"), "all");
  EXPECT_EQ(all->cycle_of(at("1970-01-01")), all->cycle_of(at("2261-12-31")));
}

TEST(CallsCyclesTest, TimeDoesNotTellAndNumbersAreLabels) {
  const auto calls = policy("calls:3");
  EXPECT_EQ(calls->calls_per_cycle(), 3u);
  EXPECT_EQ(calls->cycle_of(at("2025-05-02")), 0);
  EXPECT_EQ(calls->span_of(at("2025-05-02")).begin_ns, Limits::min());
  EXPECT_EQ(calls->span_of(at("2025-05-02")).end_ns, Limits::max());
  EXPECT_EQ(label_of(*calls, 1), "1");
  EXPECT_EQ(label_of(*calls, Limits::max()), "9223372036854775807");
}

TEST(CallsCyclesTest, NIsFromOneToTheLargestCycle) {
  EXPECT_EQ(policy("calls:1")->calls_per_cycle(), 1u);
  EXPECT_EQ(policy("calls:9223372036854775807")->calls_per_cycle(), 9223372036854775807u);
}

TEST(CallsCyclesTest, WhatIsNoNumberOfCallsIsRefused) {
  for (const char* number : {"", "0", "-1", "+1", "5x", "1.0", " 5", "5 ", "9223372036854775808"}) {
    const std::string name = "calls:" + std::string(number);
    EXPECT_EQ(error_of([&] { policy(name); }),
              "cycle: '" + name +
                  "' is no number of calls; use calls: with a number from 1 to "
                  "9223372036854775807, such as calls:5");
  }
}

}  // namespace
}  // namespace billing
