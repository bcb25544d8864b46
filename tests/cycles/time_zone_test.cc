#include "cycles/time_zone.h"

#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/civil_time.h"
#include "cycle_fixture.h"

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

std::string error_for(const std::string& name) {
  return error_of([&] { TimeZone zone(name); });
}

OffsetSpan span_at(const TimeZone& zone, const std::string& time) {
  return zone.span_at(floor_seconds(at(time)));
}

TEST(TimeZoneTest, UtcIsOneSpan) {
  const TimeZone utc("UTC");
  EXPECT_TRUE(utc.is_utc());
  EXPECT_EQ(utc.span_at(0).begin_s, Limits::min());
  EXPECT_EQ(utc.span_at(0).end_s, Limits::max());
  EXPECT_EQ(utc.span_at(0).offset_s, 0);
}

TEST(TimeZoneTest, OffsetsAreThoseOfAbseilOnBothSidesOfEveryChange) {
  for (const char* name : {"Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe",
                           "Africa/Casablanca", "Pacific/Apia", "Africa/Monrovia"}) {
    const TimeZone zone(name);
    absl::TimeZone expected;
    ASSERT_TRUE(absl::LoadTimeZone(name, &expected));
    const std::int64_t last_s = floor_seconds(Limits::max());
    for (std::int64_t time_s = floor_seconds(Limits::min()); time_s < last_s;) {
      const OffsetSpan span = zone.span_at(time_s);
      ASSERT_EQ(span.offset_s, expected.At(absl::FromUnixSeconds(time_s)).offset) << time_s;
      const std::int64_t end_s = std::min(span.end_s, last_s);
      ASSERT_EQ(span.offset_s, expected.At(absl::FromUnixSeconds(end_s - 1)).offset) << end_s;
      time_s = span.end_s;
      ASSERT_TRUE(time_s == Limits::max() || zone.span_at(time_s).offset_s != span.offset_s);
    }
  }
}

TEST(TimeZoneTest, RulesHoldBeyondTheYearsThatTheDatabaseLists) {
  const TimeZone berlin("Europe/Berlin");
  EXPECT_EQ(span_at(berlin, "2261-07-01").offset_s, 2 * kSecondsPerHour);
  EXPECT_EQ(span_at(berlin, "2261-12-01").offset_s, kSecondsPerHour);
}

// Portugal went from WET in summer (+01:00) to CET in winter (+01:00) in 1992.
TEST(TimeZoneTest, AChangeOfNameOnlyDoesNotEndASpan) {
  const OffsetSpan span = span_at(TimeZone("Europe/Lisbon"), "1992-09-27T00:59:59Z");
  EXPECT_LT(span.begin_s, floor_seconds(at("1992-09-01")));
  EXPECT_GT(span.end_s, floor_seconds(at("1992-10-01")));
}

TEST(TimeZoneTest, ASkippedLocalTimeIsTheMomentOfTheJump) {
  const TimeZone berlin("Europe/Berlin");
  const std::int64_t jump_s = floor_seconds(at("2025-03-30T01:00:00Z"));
  EXPECT_EQ(berlin.first_instant_s(floor_seconds(at("2025-03-30T02:30:00"))), jump_s);
  EXPECT_EQ(berlin.first_instant_s(floor_seconds(at("2025-03-30T03:00:00"))), jump_s);
}

TEST(TimeZoneTest, AnUnknownNameIsAnsweredWithExamplesAndTheClosestOne) {
  EXPECT_EQ(error_for("Europe/Bonn"),
            "timezone: unknown time zone 'Europe/Bonn'; use an IANA name such as UTC, "
            "Europe/Berlin or America/New_York; did you mean 'Europe/London'?");
}

TEST(TimeZoneTest, OnlyNamesThatMeanTheSameEverywhereAreTaken) {
  using std::string_literals::operator""s;
  for (const std::string& name :
       {""s, "localtime"s, ":Europe/Berlin"s, "/usr/share/zoneinfo/Europe/Berlin"s,
        "./Europe/Berlin"s, "Europe/../Europe/Berlin"s, "Fixed/UTC+02:00:00"s, "libc:localtime"s,
        "UTC+2"s, "+02:00"s, "Europe"s, "Europe/Berlin "s, "Europe/Berlin\0"s, "tzdata.zi"s}) {
    EXPECT_NE(error_for(name).find("unknown time zone"), std::string::npos) << name;
  }
}

// Abseil remembers what it has looked for: a zone that no other test names.
TEST(TimeZoneTest, WithoutADatabaseTheErrorSaysWhatToInstallAndUtcStillWorks) {
  setenv("TZDIR", "/nonexistent/zoneinfo", 1);
  EXPECT_EQ(error_for("Antarctica/Troll"),
            "timezone: 'Antarctica/Troll' needs the system's time zone data, and there is no "
            "/nonexistent/zoneinfo; install tzdata, or use UTC");
  EXPECT_EQ(error_for("UTC"), "");
  unsetenv("TZDIR");
}

}  // namespace
}  // namespace billing
