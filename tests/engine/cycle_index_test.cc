// The remembered spans against the policy itself.

#include "engine/cycle_index.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <ostream>
#include <random>

namespace billing {
namespace {

struct Policy {
  const char* name;
  const char* timezone;
};

void PrintTo(const Policy& policy, std::ostream* out) {
  *out << policy.name << " " << policy.timezone;
}

class CycleIndexTest : public testing::TestWithParam<Policy> {
 protected:
  void expect_right(std::int64_t time_ns) {
    ASSERT_EQ(index_.cycle_of(time_ns), policy_->cycle_of(time_ns)) << time_ns;
  }

  static std::int64_t at(const char* time) { return parse_instant_ns(time, "UTC"); }

  const std::unique_ptr<const CyclePolicy> policy_ =
      make_cycle_policy({GetParam().name, GetParam().timezone, std::nullopt});
  CycleIndex index_{*policy_};
  std::mt19937_64 random_{1};
};

TEST_P(CycleIndexTest, AnyInstantsAreRight) {
  for (int i = 0; i < 200'000; ++i) expect_right(static_cast<std::int64_t>(random_()));
}

TEST_P(CycleIndexTest, InstantsOfOneYearAreRight) {
  const std::int64_t begin_ns = at("2006-01-01"), end_ns = at("2007-01-01");
  const auto length_ns = static_cast<std::uint64_t>(end_ns - begin_ns);
  for (int i = 0; i < 300'000; ++i)
    expect_right(begin_ns + static_cast<std::int64_t>(random_() % length_ns));
}

TEST_P(CycleIndexTest, SecondsAroundTheChangesOfClocksAreRight) {
  for (const char* change :
       {"2006-04-02T03:31:00", "2006-10-29T02:31:00", "2011-11-06T04:30:00", "2025-03-30T01:00:00",
        "2025-10-26T01:00:00", "2011-12-30T10:00:00", "2025-04-05T15:00:00"}) {
    for (std::int64_t second = -4000; second < 4000; ++second)
      expect_right(at(change) + second * 1'000'000'000);
  }
}

TEST_P(CycleIndexTest, ShortAndLongSpansTakeTurns) {
  for (int i = 0; i < 100'000; ++i) {
    expect_right(at("2006-10-29T02:31:00") +
                 static_cast<std::int64_t>(random_() % 7'200'000'000'000));
    expect_right(static_cast<std::int64_t>(random_() % 9'000'000'000'000'000'000));
  }
}

TEST_P(CycleIndexTest, TheEndsOfTimeAreRight) {
  using Limits = std::numeric_limits<std::int64_t>;
  for (const std::int64_t time_ns : {Limits::min(), Limits::min() + 1, std::int64_t{-1},
                                     std::int64_t{0}, Limits::max() - 1, Limits::max()}) {
    expect_right(time_ns);
    expect_right(time_ns);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Policies, CycleIndexTest,
    testing::Values(Policy{"hour", "America/St_Johns"}, Policy{"day", "America/St_Johns"},
                    Policy{"week", "America/St_Johns"}, Policy{"month", "America/St_Johns"},
                    Policy{"hour", "Australia/Lord_Howe"}, Policy{"day", "Pacific/Apia"},
                    Policy{"year", "Pacific/Apia"}, Policy{"quarter", "Europe/Berlin"},
                    Policy{"hour", "UTC"}, Policy{"day", "UTC"}, Policy{"every:1s", "UTC"},
                    Policy{"every:7m", "UTC"}, Policy{"every:1000000000d", "UTC"},
                    Policy{"all", "UTC"}));

}  // namespace
}  // namespace billing
