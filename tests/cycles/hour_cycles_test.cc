#include <gtest/gtest.h>

#include "cycle_fixture.h"

namespace billing {
namespace {

TEST(HourCyclesTest, OnlyUtcIsWrittenWithoutOffset) {
  EXPECT_EQ(label_at(*policy("hour"), "2025-05-02T23:16:50Z"), "2025-05-02T23");
  EXPECT_EQ(label_at(*policy("hour", "Etc/UTC"), "2025-05-02T23:16:50Z"), "2025-05-02T23+00:00");
  EXPECT_EQ(label_at(*policy("hour", "Europe/Berlin"), "2025-05-02T21:16:50Z"),
            "2025-05-02T23+02:00");
  EXPECT_EQ(label_at(*policy("hour", "America/St_Johns"), "2025-05-02T21:16:50Z"),
            "2025-05-02T18-02:30");
}

TEST(HourCyclesTest, AnHourThatComesTwiceIsTwoCycles) {
  const auto hours = policy("hour", "Europe/Berlin");
  const CycleSpan first = hours->span_of(at("2025-10-26T00:30:00Z"));
  const CycleSpan second = hours->span_of(at("2025-10-26T01:30:00Z"));
  EXPECT_EQ(label_of(*hours, first.cycle), "2025-10-26T02+02:00");
  EXPECT_EQ(label_of(*hours, second.cycle), "2025-10-26T02+01:00");
  EXPECT_LT(first.cycle, second.cycle);
  EXPECT_EQ(first.end_ns, second.begin_ns);
}

TEST(HourCyclesTest, AnHourThatClocksJumpOverIsNoCycle) {
  const auto hours = policy("hour", "Europe/Berlin");
  EXPECT_EQ(label_at(*hours, "2025-03-30T00:59:59Z"), "2025-03-30T01+01:00");
  EXPECT_EQ(label_at(*hours, "2025-03-30T01:00:00Z"), "2025-03-30T03+02:00");
}

// Lord Howe's clocks go by half an hour, from 02:00 to 01:30 and from 02:00 to 02:30.
TEST(HourCyclesTest, AJumpIntoTheMidstOfAnHourBeginsACycleThere) {
  const auto hours = policy("hour", "Australia/Lord_Howe");
  const CycleSpan first = hours->span_of(at("2025-04-06T01:45:00+11:00"));
  const CycleSpan second = hours->span_of(at("2025-04-06T01:45:00+10:30"));
  EXPECT_EQ(label_of(*hours, first.cycle), "2025-04-06T01+11:00");
  EXPECT_EQ(label_of(*hours, second.cycle), "2025-04-06T01+10:30");
  EXPECT_EQ(second.begin_ns, at("2025-04-06T01:30:00+10:30"));
  EXPECT_EQ(second.end_ns, at("2025-04-06T02:00:00+10:30"));
  EXPECT_EQ(first.end_ns, second.begin_ns);
  const CycleSpan spring = hours->span_of(at("2025-10-05T02:45:00+11:00"));
  EXPECT_EQ(label_of(*hours, spring.cycle), "2025-10-05T02+11:00");
  EXPECT_EQ(spring.begin_ns, at("2025-10-05T02:30:00+11:00"));
}

TEST(HourCyclesTest, AnOffsetWithSecondsIsWrittenWithThem) {
  EXPECT_EQ(label_at(*policy("hour", "Africa/Monrovia"), "1970-01-01T00:00:00Z"),
            "1969-12-31T23-00:44:30");
}

}  // namespace
}  // namespace billing
