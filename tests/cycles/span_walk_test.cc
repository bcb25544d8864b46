// Spans walked one after the other: they tile time, and each is in one cycle from end to end.

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "base/civil_time.h"
#include "cycle_fixture.h"

namespace billing {
namespace {

struct Walk {
  const char* policy;
  const char* timezone;
  std::optional<int> anchor_day = std::nullopt;
};

void PrintTo(const Walk& walk, std::ostream* out) { *out << walk.policy << ' ' << walk.timezone; }

class SpanWalkTest : public testing::TestWithParam<Walk> {
 protected:
  const std::unique_ptr<const CyclePolicy> cycles_ =
      policy(GetParam().policy, GetParam().timezone, GetParam().anchor_day);
};

TEST_P(SpanWalkTest, SpansTileTheYearsFrom2010To2012) {
  const std::int64_t end_ns = at("2013-01-01");
  CycleSpan span = cycles_->span_of(at("2010-01-01"));
  while (span.end_ns < end_ns) {
    ASSERT_LT(span.begin_ns, span.end_ns);
    ASSERT_EQ(cycles_->cycle_of(span.begin_ns), span.cycle);
    ASSERT_EQ(cycles_->cycle_of(span.end_ns - 1), span.cycle);
    const CycleSpan next = cycles_->span_of(span.end_ns);
    ASSERT_EQ(next.begin_ns, span.end_ns);
    span = next;
  }
}

TEST_P(SpanWalkTest, EveryInstantOfASpanIsInItsCycle) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    const auto time_ns = static_cast<std::int64_t>(random());
    const CycleSpan span = cycles_->span_of(time_ns);
    ASSERT_EQ(span.cycle, cycles_->cycle_of(time_ns)) << time_ns;
    ASSERT_LE(span.begin_ns, time_ns);
    ASSERT_GT(span.end_ns, time_ns);
    const auto length_ns =
        static_cast<std::uint64_t>(span.end_ns) - static_cast<std::uint64_t>(span.begin_ns);
    const auto inside_ns =
        static_cast<std::int64_t>(static_cast<std::uint64_t>(span.begin_ns) + random() % length_ns);
    ASSERT_EQ(cycles_->cycle_of(inside_ns), span.cycle) << inside_ns;
    const CycleSpan same = cycles_->span_of(inside_ns);
    ASSERT_EQ(same.begin_ns, span.begin_ns);
    ASSERT_EQ(same.end_ns, span.end_ns);
  }
}

TEST_P(SpanWalkTest, TheEndsOfTimeDoNotOverflow) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(cycles_->span_of(Limits::min()).begin_ns, Limits::min());
  EXPECT_EQ(cycles_->span_of(Limits::max()).end_ns, Limits::max());
}

INSTANTIATE_TEST_SUITE_P(
    AllPolicies, SpanWalkTest,
    testing::Values(Walk{"hour", "America/St_Johns"}, Walk{"day", "America/St_Johns"},
                    Walk{"week", "America/St_Johns"}, Walk{"month", "America/St_Johns"},
                    Walk{"month", "America/St_Johns", 7}, Walk{"quarter", "America/St_Johns", 31},
                    Walk{"hour", "Australia/Lord_Howe"}, Walk{"day", "Australia/Lord_Howe"},
                    Walk{"month", "Australia/Lord_Howe", 4}, Walk{"hour", "Pacific/Apia"},
                    Walk{"day", "Pacific/Apia"}, Walk{"week", "Pacific/Apia"},
                    Walk{"month", "Pacific/Apia", 30}, Walk{"year", "Pacific/Apia", 31},
                    Walk{"hour", "Africa/Monrovia"}, Walk{"hour", "UTC"}, Walk{"day", "UTC"},
                    Walk{"every:7h", "UTC"}, Walk{"every:1000000000d", "UTC"}, Walk{"all", "UTC"},
                    Walk{"calls:5", "UTC"}));

}  // namespace
}  // namespace billing
