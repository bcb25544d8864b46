#include "naive/record_parser.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace billing::naive {
namespace {

const std::string kLine = "2025-05-02T23:16:50Z user115 login 200 1568ms";
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kLineTime = 1'746'227'810 * kSecond;  // date -d 2025-05-02T23:16:50Z +%s

/// Its names point into `line`.
Event event_of(const std::string& line) {
  const Record record = parse_record(line);
  const Event* event = std::get_if<Event>(&record);
  EXPECT_NE(event, nullptr) << line;
  return event ? *event : Event{};
}

std::string user_of(const std::string& line) { return std::string(event_of(line).user); }

/// The sample line with another time.
std::int64_t time_of(const std::string& time) {
  return event_of(time + " user115 login 200 1568ms").time_ns;
}

void expect_flaw(const std::string& line, RejectReason reason, std::uint32_t column) {
  const Record record = parse_record(line);
  const Flaw* flaw = std::get_if<Flaw>(&record);
  ASSERT_NE(flaw, nullptr) << line;
  EXPECT_EQ(flaw->reason, reason) << line;
  EXPECT_EQ(flaw->column, column) << line;
}

void expect_bad_time(const std::string& time) {
  expect_flaw(time + " user115 login 200 1568ms", RejectReason::bad_time, 1);
}

TEST(RecordParser, ReadsTheSampleLine) {
  const Event event = event_of(kLine);
  EXPECT_EQ(event.time_ns, kLineTime);
  EXPECT_EQ(event.user, "user115");
  EXPECT_EQ(event.task, "login");
  EXPECT_EQ(event.status, 200);
  EXPECT_EQ(event.quantity, 1568u);
}

TEST(RecordParser, TakesRunsOfSpacesAndTabsBetweenAndAround) {
  const std::string line = " \t 2025-05-02T23:16:50Z  \tuser115\tlogin\t 200   1568ms\t ";
  const Event event = event_of(line);
  EXPECT_EQ(event.user, "user115");
  EXPECT_EQ(event.quantity, 1568u);
}

TEST(RecordParser, TakesALineOfBlanksForBlank) {
  for (const std::string line : {"", " ", "\t", " \t \t"}) {
    EXPECT_TRUE(std::holds_alternative<Blank>(parse_record(line)));
  }
}

TEST(RecordParser, TakesAnyOtherCarriageReturnForAControlCharacter) {
  expect_flaw(kLine + "\r", RejectReason::bad_duration, 40);
  expect_flaw(kLine + " \r", RejectReason::field_count, 47);
  expect_flaw("2025-05-02T23:16:50Z us\rer login 200 1ms", RejectReason::bad_user, 22);
}

TEST(RecordParser, ReadsFractionsOfOneToNineDigits) {
  EXPECT_EQ(time_of("2025-05-02T23:16:50.5Z"), kLineTime + 500'000'000);
  EXPECT_EQ(time_of("2025-05-02T23:16:50.001Z"), kLineTime + 1'000'000);
  EXPECT_EQ(time_of("2025-05-02T23:16:50.123456789Z"), kLineTime + 123'456'789);
  expect_bad_time("2025-05-02T23:16:50.Z");
  expect_bad_time("2025-05-02T23:16:50.1234567890Z");
  expect_bad_time("2025-05-02T23:16:50,5Z");
}

TEST(RecordParser, SubtractsOffsetsFromLocalTime) {
  EXPECT_EQ(time_of("2025-05-03T01:16:50+02:00"), kLineTime);
  EXPECT_EQ(time_of("2025-05-02T17:46:50-05:30"), kLineTime);
  EXPECT_EQ(time_of("2025-05-02T23:16:50-00:00"), kLineTime);
  EXPECT_EQ(time_of("2025-05-02T23:16:50.25+23:59"), kLineTime + kSecond / 4 - 86'340 * kSecond);
}

TEST(RecordParser, RejectsOffsetsOfAnotherShape) {
  for (const std::string zone : {"", "z", "ZZ", "+0200", "+2:00", "+02", "+24:00", "+02:60",
                                 "02:00", "+02:00Z", "Z+02:00", "+02:0a"}) {
    expect_bad_time("2025-05-02T23:16:50" + zone);
  }
}

TEST(RecordParser, KeepsTheYearAsWrittenWithin1970And2261) {
  EXPECT_EQ(time_of("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(time_of("1970-01-01T00:00:00.5+23:59"), -86'340 * kSecond + kSecond / 2);
  EXPECT_EQ(time_of("2261-12-31T23:59:59.999999999-23:59"),
            (9'214'646'400 + 86'340) * kSecond - 1);  // 9214646400 = 2262-01-01T00:00:00Z
  expect_bad_time("1969-12-31T23:59:59Z");
  expect_bad_time("2262-01-01T00:00:00Z");
}

TEST(RecordParser, RejectsDatesAndTimesThatDoNotExist) {
  EXPECT_EQ(time_of("2024-02-29T00:00:00Z"), 1'709'164'800 * kSecond);
  EXPECT_EQ(time_of("2000-02-29T00:00:00Z"), 951'782'400 * kSecond);
  for (const std::string time :
       {"2025-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2025-04-31T00:00:00Z",
        "2025-00-01T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-00T00:00:00Z",
        "2025-01-01T24:00:00Z", "2025-01-01T00:60:00Z", "2016-12-31T23:59:60Z"}) {
    expect_bad_time(time);
  }
}

TEST(RecordParser, RejectsTimesOfAnotherShape) {
  for (const std::string time :
       {"x", "2025-05-02", "2025-05-02T23:16Z", "2025-05-02t23:16:50Z", "2025/05/02T23:16:50Z",
        "25-05-02T23:16:50Z", "02025-05-02T23:16:50Z", "+2025-05-02T23:16:50Z",
        "2025-5-02T23:16:50Z", "2025-05-02T23.16.50Z", "2025-05-02T23:16:5aZ"}) {
    expect_bad_time(time);
  }
}

TEST(RecordParser, PutsTheColumnAtTheSixthFieldOrOnePastTheLine) {
  expect_flaw(kLine + " x", RejectReason::field_count, 47);
  expect_flaw(" " + kLine + " \tx y z", RejectReason::field_count, 49);
  expect_flaw("hello", RejectReason::field_count, 6);
  expect_flaw(" \thello world \t ", RejectReason::field_count, 14);
  expect_flaw("2025-05-02T23:16:50Z user115 login 200", RejectReason::field_count, 39);
}

TEST(RecordParser, NamesTheFirstFlawOfSeveral) {
  expect_flaw("x \x01 \x01 x x x", RejectReason::field_count, 11);
  expect_flaw("  x \x01 \x01 x x", RejectReason::bad_time, 3);
  expect_flaw("2025-05-02T23:16:50Z \x01 \x01 x x", RejectReason::bad_user, 22);
  expect_flaw("2025-05-02T23:16:50Z u \x01 x x", RejectReason::bad_task, 24);
  expect_flaw("2025-05-02T23:16:50Z u t x x", RejectReason::bad_status, 26);
  expect_flaw("2025-05-02T23:16:50Z u t 200 x", RejectReason::bad_duration, 30);
}

TEST(RecordParser, BoundsNamesAt255Bytes) {
  const std::string longest(255, 'u');
  EXPECT_EQ(user_of("2025-05-02T23:16:50Z " + longest + " t 200 1ms"), longest);
  expect_flaw("2025-05-02T23:16:50Z " + longest + "u t 200 1ms", RejectReason::bad_user, 22);
  expect_flaw("2025-05-02T23:16:50Z u " + longest + "t 200 1ms", RejectReason::bad_task, 24);
}

TEST(RecordParser, TakesNamesOfAnyScript) {
  for (const std::string name : {"\u00A0", "J\u00FCrgen", "\u07FF", "\u0800", "\uD7FF", "\uE000",
                                 "\uFFFD", "\U00010000", "\U0010FFFF", "\"a,b\"", "=1+1", "~"}) {
    EXPECT_EQ(user_of("2025-05-02T23:16:50Z " + name + " t 200 1ms"), name);
  }
}

TEST(RecordParser, RejectsControlCharactersAndInvalidUtf8InNames) {
  for (const std::string_view name : {
           std::string_view("\0", 1),
           std::string_view("a\x1F"),
           std::string_view("\x7F"),
           std::string_view("\xC2\x80"),
           std::string_view("\xC2\x9F"),  // C1 controls
           std::string_view("\x80"),
           std::string_view("\xBF"),  // no lead byte
           std::string_view("\xC3"),
           std::string_view("\xE2\x82"),  // cut short
           std::string_view("\xF0\x9F\x92"),
           std::string_view("\xC3"
                            "A"),  // cut short
           std::string_view("\xC0\x80"),
           std::string_view("\xC1\xBF"),  // not the shortest form
           std::string_view("\xE0\x9F\xBF"),
           std::string_view("\xF0\x8F\xBF\xBF"),
           std::string_view("\xED\xA0\x80"),
           std::string_view("\xED\xBF\xBF"),  // surrogates
           std::string_view("\xF4\x90\x80\x80"),
           std::string_view("\xF8\x88\x80\x80\x80"),
           std::string_view("\xFE"),
           std::string_view("\xFF"),
       }) {
    const std::string text(name);
    expect_flaw("2025-05-02T23:16:50Z " + text + " t 200 1ms", RejectReason::bad_user, 22);
    expect_flaw("2025-05-02T23:16:50Z u " + text + " 200 1ms", RejectReason::bad_task, 24);
  }
}

TEST(RecordParser, TakesStatusesFrom100To599) {
  EXPECT_EQ(event_of("2025-05-02T23:16:50Z u t 100 1ms").status, 100);
  EXPECT_EQ(event_of("2025-05-02T23:16:50Z u t 599 1ms").status, 599);
  for (const std::string status : {"099", "600", "20", "2000", "2xx", "+20", "-20"}) {
    expect_flaw("2025-05-02T23:16:50Z u t " + status + " 1ms", RejectReason::bad_status, 26);
  }
}

TEST(RecordParser, TakesDurationsOfOneToFifteenDigits) {
  EXPECT_EQ(event_of("2025-05-02T23:16:50Z u t 200 0ms").quantity, 0u);
  EXPECT_EQ(event_of("2025-05-02T23:16:50Z u t 200 000000000000007ms").quantity, 7u);
  EXPECT_EQ(event_of("2025-05-02T23:16:50Z u t 200 999999999999999ms").quantity,
            999'999'999'999'999u);
  for (const std::string duration : {"ms", "1", "1m", "1s", "1MS", "-1ms", "+1ms", "1.5ms", "1msx",
                                     "0x1ms", "0000000000000001ms", "1000000000000000ms"}) {
    expect_flaw("2025-05-02T23:16:50Z u t 200 " + duration, RejectReason::bad_duration, 30);
  }
}

}  // namespace
}  // namespace billing::naive
