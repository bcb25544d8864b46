// The instants that `--since` and `--until` name.

#include <gtest/gtest.h>

#include "cycle_fixture.h"

namespace billing {
namespace {

TEST(InstantTest, ADateIsItsFirstLocalInstant) {
  EXPECT_EQ(parse_instant_ns("1970-01-01", "UTC"), 0);
  EXPECT_EQ(parse_instant_ns("2025-05-02", "Europe/Berlin"), at("2025-05-01T22:00:00Z"));
}

TEST(InstantTest, ATimeWithoutOffsetIsLocal) {
  EXPECT_EQ(parse_instant_ns("2025-05-02T23:16:50.000000001", "Europe/Berlin"),
            at("2025-05-02T21:16:50.000000001Z"));
}

TEST(InstantTest, AnOffsetOverridesTheTimeZone) {
  EXPECT_EQ(parse_instant_ns("2025-05-02T23:16:50Z", "Europe/Berlin"), at("2025-05-02T23:16:50"));
  EXPECT_EQ(parse_instant_ns("2025-05-02T23:16:50-02:30", "Europe/Berlin"),
            at("2025-05-03T01:46:50"));
}

TEST(InstantTest, TheInstantMayLieADayOutsideTheWrittenYears) {
  EXPECT_EQ(parse_instant_ns("1970-01-01", "Asia/Kathmandu"), -19'800'000'000'000);
  EXPECT_EQ(parse_instant_ns("2261-12-31T23:59:59-23:59", "UTC"),
            9'214'732'799'000'000'000 - 60'000'000'000);
}

TEST(InstantTest, ATimeThatOccursTwiceIsItsFirstOccurrence) {
  EXPECT_EQ(parse_instant_ns("2025-10-26T02:30:00", "Europe/Berlin"), at("2025-10-26T00:30:00Z"));
}

TEST(InstantTest, ATimeThatClocksSkipIsTheMomentAtWhichTheyJump) {
  EXPECT_EQ(parse_instant_ns("2025-03-30T02:30:00.5", "Europe/Berlin"), at("2025-03-30T01:00:00Z"));
}

// Havana's clocks jump from 00:00 to 01:00.
TEST(InstantTest, ADateWhoseMidnightIsSkippedBeginsAtTheJump) {
  EXPECT_EQ(parse_instant_ns("2025-03-09", "America/Havana"), at("2025-03-09T05:00:00Z"));
}

TEST(InstantTest, ADateThatNeverWasIsTheMomentOfItsJump) {
  EXPECT_EQ(parse_instant_ns("2011-12-30", "Pacific/Apia"), at("2011-12-30T10:00:00Z"));
  EXPECT_EQ(parse_instant_ns("2011-12-31", "Pacific/Apia"), at("2011-12-30T10:00:00Z"));
}

// St. John's clocks went back from 00:01 to 23:01.
TEST(InstantTest, ADateWhoseMidnightComesTwiceBeginsAtTheFirst) {
  EXPECT_EQ(parse_instant_ns("2010-11-07", "America/St_Johns"), at("2010-11-07T02:30:00Z"));
}

TEST(InstantTest, WhatIsNoTimeIsAnsweredWithExamples) {
  EXPECT_EQ(error_of([] { parse_instant_ns("2025-13-01", "UTC"); }),
            "'2025-13-01' is no date or time; use 2025-05-02 or "
            "2025-05-02T23:16:50, with a fraction and Z or an offset such as +02:00 if you like, "
            "of the years 1970 to 2261");
}

TEST(InstantTest, NothingButTheFormsOfTheSpecificationIsTaken) {
  for (const char* text : {"",
                           "2025",
                           "2025-05",
                           "2025-5-2",
                           "20250502",
                           "2025-02-29",
                           "2025-05-02Z",
                           "2025-05-02T",
                           "2025-05-02T23",
                           "2025-05-02T23:16",
                           "2025-05-02t23:16:50",
                           "2025-05-02 23:16:50",
                           "2025-05-02T23:16:50z",
                           "2025-05-02T23:16:60",
                           "2025-05-02T24:00:00",
                           "1969-12-31",
                           "2262-01-01",
                           "2025-05-02T23:16:50.",
                           "2025-05-02T23:16:50.1234567890",
                           "2025-05-02T23:16:50+24:00",
                           "2025-05-02T23:16:50+0200",
                           "2025-05-02T23:16:50ZZ",
                           " 2025-05-02",
                           "2025-05-02 ",
                           "yesterday",
                           "1746227810"}) {
    EXPECT_NE(error_of([&] { parse_instant_ns(text, "UTC"); }), "") << text;
  }
}

TEST(InstantTest, AWrongTimeZoneIsNamed) {
  EXPECT_NE(error_of([] { parse_instant_ns("2025-05-02", "Mars"); }).find("'Mars'"),
            std::string::npos);
}

}  // namespace
}  // namespace billing
