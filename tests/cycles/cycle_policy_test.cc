// The table of policies: what it takes, and what it says to what it does not take.

#include <gtest/gtest.h>

#include <limits>

#include "cycle_fixture.h"

namespace billing {
namespace {

std::string error_for(const std::string& name, const std::string& timezone = "UTC",
                      std::optional<int> anchor_day = std::nullopt) {
  return error_of([&] { policy(name, timezone, anchor_day); });
}

TEST(CyclePolicyTest, TheDefaultIsRunsOfFiveCalls) {
  EXPECT_EQ(make_cycle_policy({})->calls_per_cycle(), 5u);
}

TEST(CyclePolicyTest, OnlyCallsAreNumberedByCalls) {
  for (const char* name : {"hour", "day", "week", "month", "quarter", "year", "every:15m", "all"}) {
    EXPECT_EQ(policy(name)->calls_per_cycle(), 0u) << name;
  }
}

TEST(CyclePolicyTest, AnUnknownPolicyIsAnsweredWithTheList) {
  EXPECT_EQ(error_for("fortnight"),
            "cycle: unknown policy 'fortnight'; use one of calls:N, hour, day, week, month, "
            "quarter, year, every:<n><s|m|h|d>, all");
}

TEST(CyclePolicyTest, NamesAreTakenWholeAndInLowerCase) {
  for (const char* name : {"", "Day", "DAY", "days", " day", "day ", "day:", "day:1", "all:1",
                           "calls", "every", "calls5", "every15m", ":", ":5"}) {
    EXPECT_NE(error_for(name).find("unknown policy"), std::string::npos) << name;
  }
}

TEST(CyclePolicyTest, ControlCharactersDoNotReachTheTerminal) {
  EXPECT_NE(error_for("\x1b[2J").find("'\\x1B[2J'"), std::string::npos);
  EXPECT_NE(error_for("day", "\x1b").find("'\\x1B'"), std::string::npos);
}

TEST(CyclePolicyTest, AnAnchorDayGoesWithMonthsOnly) {
  for (const char* name : {"calls:5", "hour", "day", "week", "every:15m", "all"}) {
    EXPECT_EQ(error_for(name, "UTC", 15),
              "anchor-day: cycle policy '" + std::string(name) +
                  "' has no anchor day; it goes with month, quarter, year");
  }
  for (const char* name : {"month", "quarter", "year"}) {
    EXPECT_EQ(error_for(name, "UTC", 15), "");
  }
}

TEST(CyclePolicyTest, AnAnchorDayIsADayOfAMonth) {
  for (const int day : {0, 32, -1, std::numeric_limits<int>::min()}) {
    EXPECT_EQ(error_for("month", "UTC", day),
              "anchor-day: " + std::to_string(day) + " is no day of a month; use 1 to 31");
  }
  EXPECT_EQ(error_for("month", "UTC", 1), "");
  EXPECT_EQ(error_for("month", "UTC", 31), "");
}

TEST(CyclePolicyTest, AWrongTimeZoneIsAMistakeAlsoWhereNothingIsLocal) {
  for (const char* name : {"calls:5", "every:15m", "all", "day"}) {
    EXPECT_NE(error_for(name, "Europe/Bonn").find("'Europe/Bonn'"), std::string::npos);
  }
}

}  // namespace
}  // namespace billing
