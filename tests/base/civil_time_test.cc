#include "base/civil_time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

static_assert(days_from_civil({1970, 1, 1}) == 0);
static_assert(days_from_civil({0, 3, 1}) == -719468);
static_assert(civil_from_days(-1) == CivilDate{1969, 12, 31});

std::string date_text(std::int64_t days) {
  std::string text;
  append_date(civil_from_days(days), text);
  return text;
}

TEST(CivilTimeTest, EveryDayOfElevenCenturiesAgreesWithTheStandardLibrary) {
  const std::chrono::sys_days first = std::chrono::year(1500) / 1 / 1;
  const std::chrono::sys_days last = std::chrono::year(2600) / 1 / 1;
  for (std::chrono::sys_days day = first; day < last; day += std::chrono::days(1)) {
    const std::chrono::year_month_day expected = day;
    const std::int64_t days = day.time_since_epoch().count();
    const CivilDate date = civil_from_days(days);
    ASSERT_EQ(date.year, static_cast<int>(expected.year())) << days;
    ASSERT_EQ(date.month, static_cast<int>(static_cast<unsigned>(expected.month()))) << days;
    ASSERT_EQ(date.day, static_cast<int>(static_cast<unsigned>(expected.day()))) << days;
    ASSERT_EQ(days_from_civil(date), days);
  }
}

TEST(CivilTimeTest, DaysOfFarYearsComeBack) {
  for (const std::int64_t days : {-1'000'000'000LL, -146'098LL, 146'097LL, 1'000'000'000LL}) {
    EXPECT_EQ(days_from_civil(civil_from_days(days)), days);
  }
}

TEST(CivilTimeTest, FebruaryIsLongInLeapYearsOnly) {
  EXPECT_EQ(days_in_month(2000, 2), 29);
  EXPECT_EQ(days_in_month(2024, 2), 29);
  EXPECT_EQ(days_in_month(2100, 2), 28);
  EXPECT_EQ(days_in_month(2023, 2), 28);
  EXPECT_EQ(days_in_month(-4, 2), 29);
}

TEST(CivilTimeTest, OtherMonthsHaveThirtyOrThirtyOneDays) {
  const int expected[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month) {
    EXPECT_EQ(days_in_month(2025, month), expected[month - 1]) << month;
  }
}

TEST(CivilTimeTest, DivisionFloorsBelowZero) {
  EXPECT_EQ(floor_div(-1, 10), -1);
  EXPECT_EQ(floor_div(-10, 10), -1);
  EXPECT_EQ(floor_div(-11, 10), -2);
  EXPECT_EQ(floor_div(9, 10), 0);
  EXPECT_EQ(floor_div(Limits::min(), 1), Limits::min());
  EXPECT_EQ(floor_seconds(-1), -1);
}

TEST(CivilTimeTest, SecondsBeyondNanosecondsSaturate) {
  EXPECT_EQ(saturated_ns(Limits::max()), Limits::max());
  EXPECT_EQ(saturated_ns(Limits::min()), Limits::min());
  EXPECT_EQ(saturated_ns(9'223'372'037), Limits::max());
  EXPECT_EQ(saturated_ns(9'223'372'036), 9'223'372'036'000'000'000);
  EXPECT_EQ(saturated_ns(-9'223'372'037), Limits::min());
  EXPECT_EQ(saturated_ns(-9'223'372'036), -9'223'372'036'000'000'000);
}

TEST(CivilTimeTest, AnIsoWeekBelongsToTheYearOfItsThursday) {
  EXPECT_EQ(iso_week_from_days(days_from_civil({2025, 5, 2})), (IsoWeek{2025, 18}));
  EXPECT_EQ(iso_week_from_days(days_from_civil({2024, 12, 30})), (IsoWeek{2025, 1}));
  EXPECT_EQ(iso_week_from_days(days_from_civil({2021, 1, 3})), (IsoWeek{2020, 53}));
  EXPECT_EQ(iso_week_from_days(days_from_civil({2021, 1, 4})), (IsoWeek{2021, 1}));
  EXPECT_EQ(iso_week_from_days(0), (IsoWeek{1970, 1}));
}

TEST(CivilTimeTest, WeeksBeginOnMonday) {
  EXPECT_EQ(week_index(0), 0);
  EXPECT_EQ(week_index(-3), 0);
  EXPECT_EQ(week_index(-4), -1);
  EXPECT_EQ(date_text(first_day_of_week(0)), "1969-12-29");
}

TEST(CivilTimeTest, YearsHaveFourDigitsOrMore) {
  EXPECT_EQ(date_text(0), "1970-01-01");
  EXPECT_EQ(date_text(days_from_civil({7, 8, 9})), "0007-08-09");
  EXPECT_EQ(date_text(days_from_civil({-7, 8, 9})), "-0007-08-09");
  EXPECT_EQ(date_text(days_from_civil({2'739'877, 1, 2})), "2739877-01-02");
}

TEST(CivilTimeTest, TimesOfDayHaveTwoDigitsEach) {
  std::string text;
  append_time_of_day(0, text);
  append_time_of_day(kSecondsPerDay - 1, text);
  append_time_of_day(3723, text);
  EXPECT_EQ(text, "00:00:0023:59:5901:02:03");
}

}  // namespace
}  // namespace billing
