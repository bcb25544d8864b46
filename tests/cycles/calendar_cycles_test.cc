#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/civil_time.h"
#include "cycle_fixture.h"

namespace billing {
namespace {

TEST(CalendarCyclesTest, LabelsAreThoseOfTheSpecification) {
  const std::string time = "2025-05-02T23:16:50Z";
  EXPECT_EQ(label_at(*policy("day"), time), "2025-05-02");
  EXPECT_EQ(label_at(*policy("week"), time), "2025-W18");
  EXPECT_EQ(label_at(*policy("month"), time), "2025-05");
  EXPECT_EQ(label_at(*policy("quarter"), time), "2025-Q2");
  EXPECT_EQ(label_at(*policy("year"), time), "2025");
}

TEST(CalendarCyclesTest, DatesAreLocal) {
  EXPECT_EQ(label_at(*policy("day", "Europe/Berlin"), "2025-05-02T22:00:00Z"), "2025-05-03");
  EXPECT_EQ(label_at(*policy("day", "Europe/Berlin"), "2025-05-02T21:59:59.999999999Z"),
            "2025-05-02");
  EXPECT_EQ(label_at(*policy("year", "America/New_York"), "1970-01-01T04:59:59Z"), "1969");
}

TEST(CalendarCyclesTest, OneNanosecondBeforeTheEpochIsTheDayBefore) {
  EXPECT_EQ(label_of(*policy("day"), policy("day")->cycle_of(-1)), "1969-12-31");
  EXPECT_EQ(label_of(*policy("month"), policy("month")->cycle_of(-1)), "1969-12");
  EXPECT_EQ(label_of(*policy("quarter"), policy("quarter")->cycle_of(-1)), "1969-Q4");
}

TEST(CalendarCyclesTest, AnAnchoredPeriodIsNamedAfterTheMonthInWhichItBegins) {
  EXPECT_EQ(label_at(*policy("month", "UTC", 15), "2025-05-10"), "2025-04");
  EXPECT_EQ(label_at(*policy("month", "UTC", 15), "2025-05-15"), "2025-05");
  EXPECT_EQ(label_at(*policy("quarter", "UTC", 15), "2025-04-14"), "2025-Q1");
  EXPECT_EQ(label_at(*policy("quarter", "UTC", 15), "2025-04-15"), "2025-Q2");
  EXPECT_EQ(label_at(*policy("year", "UTC", 15), "2025-01-14"), "2024");
  EXPECT_EQ(label_at(*policy("year", "UTC", 15), "2025-01-15"), "2025");
}

TEST(CalendarCyclesTest, AnAnchorThatAMonthLacksIsItsLastDay) {
  const auto cycles = policy("month", "UTC", 31);
  EXPECT_EQ(label_at(*cycles, "2025-02-27"), "2025-01");
  EXPECT_EQ(label_at(*cycles, "2025-02-28"), "2025-02");
  EXPECT_EQ(label_at(*cycles, "2024-02-28"), "2024-01");
  EXPECT_EQ(label_at(*cycles, "2024-02-29"), "2024-02");
  EXPECT_EQ(label_at(*cycles, "2025-03-30"), "2025-02");
  EXPECT_EQ(label_at(*cycles, "2025-04-30"), "2025-04");
}

TEST(CalendarCyclesTest, AMonthOfThirtyOneDaysEndsWhereTheClockChangeHadPutIt) {
  const CycleSpan span = policy("month", "Europe/Berlin")->span_of(at("2025-03-31T12:00:00Z"));
  EXPECT_EQ(span.begin_ns, at("2025-03-30T01:00:00Z"));
  EXPECT_EQ(span.end_ns, at("2025-03-31T22:00:00Z"));
}

// In St. John's clocks went back from 00:01 to 23:01 on 7 November 2010: Saturday came back.
TEST(CalendarCyclesTest, ADayThatComesBackHasTwoSpansWithTheNextDayBetween) {
  const auto days = policy("day", "America/St_Johns");
  const CycleSpan saturday = days->span_of(at("2010-11-07T02:29:59Z"));
  const CycleSpan minute_of_sunday = days->span_of(at("2010-11-07T02:30:00Z"));
  const CycleSpan saturday_again = days->span_of(at("2010-11-07T02:31:00Z"));
  EXPECT_EQ(label_of(*days, saturday.cycle), "2010-11-06");
  EXPECT_EQ(saturday.begin_ns, at("2010-11-06T00:00:00-02:30"));
  EXPECT_EQ(saturday.end_ns, minute_of_sunday.begin_ns);
  EXPECT_EQ(minute_of_sunday.cycle, saturday.cycle + 1);
  EXPECT_EQ(minute_of_sunday.end_ns, at("2010-11-07T00:01:00-02:30"));
  EXPECT_EQ(saturday_again.begin_ns, minute_of_sunday.end_ns);
  EXPECT_EQ(saturday_again.cycle, saturday.cycle);
  EXPECT_EQ(saturday_again.end_ns, at("2010-11-07T00:00:00-03:30"));
}

TEST(CalendarCyclesTest, TheCyclesOfATimeAreThoseOfAllItsInstants) {
  constexpr std::int64_t kMinuteNs = kSecondsPerMinute * kNanosecondsPerSecond;
  for (const std::string name : {"day", "week", "month", "quarter", "year", "hour"}) {
    const auto anchor_day = name == "month" ? std::optional(7) : std::nullopt;
    const auto cycles = policy(name, "America/St_Johns", anchor_day);
    for (int first = 0; first < 120; first += 7) {
      const std::int64_t begin = at("2010-11-07T01:30:00Z") + first * kMinuteNs;
      CycleRange expected{cycles->cycle_of(begin), cycles->cycle_of(begin)};
      for (int minutes = 0; minutes < 240; ++minutes) {
        const std::int64_t end = begin + minutes * kMinuteNs;
        expected.first = std::min(expected.first, cycles->cycle_of(end));
        expected.last = std::max(expected.last, cycles->cycle_of(end));
        const CycleRange range = cycles->cycles_of(begin, end);
        ASSERT_EQ(std::pair(range.first, range.last), std::pair(expected.first, expected.last))
            << name << ", minutes " << first << " to " << first + minutes;
      }
    }
  }
}

TEST(CalendarCyclesTest, TheCyclesOfAllTimesAreFromTheFirstToTheLast) {
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  const auto days = policy("day", "America/St_Johns");
  const CycleRange range = days->cycles_of(kFirst, kLast);
  EXPECT_EQ(range.first, days->cycle_of(kFirst));
  EXPECT_EQ(range.last, days->cycle_of(kLast));
}

// Samoa left out 30 December 2011 when it changed to the other side of the date line.
TEST(CalendarCyclesTest, ADayThatNeverWasIsNoCycle) {
  const auto days = policy("day", "Pacific/Apia");
  const CycleSpan before = days->span_of(at("2011-12-30T09:59:59Z"));
  const CycleSpan after = days->span_of(at("2011-12-30T10:00:00Z"));
  EXPECT_EQ(label_of(*days, before.cycle), "2011-12-29");
  EXPECT_EQ(label_of(*days, after.cycle), "2011-12-31");
  EXPECT_EQ(after.begin_ns, before.end_ns);
}

}  // namespace
}  // namespace billing
