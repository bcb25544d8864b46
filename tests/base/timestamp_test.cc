#include "base/timestamp.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <string>

namespace billing {
namespace {

constexpr std::int64_t kSecond_ns = 1'000'000'000;
using Time = std::optional<std::int64_t>;

std::optional<std::int64_t> seconds(std::string_view text) {
  const auto time_ns = parse_timestamp_ns(text);
  if (!time_ns) return std::nullopt;
  EXPECT_EQ(*time_ns % kSecond_ns, 0);
  return *time_ns / kSecond_ns;
}

TEST(Timestamp, CountsFrom1970InUtc) {
  EXPECT_EQ(seconds("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(seconds("1970-01-01T00:01:01Z"), 61);
  EXPECT_EQ(seconds("2025-05-02T23:16:50Z"), 1'746'227'810);
  EXPECT_EQ(seconds("2261-12-31T23:59:59Z"), 9'214'646'399);
}

TEST(Timestamp, OffsetsAreTakenOff) {
  EXPECT_EQ(seconds("1970-01-01T02:00:00+02:00"), 0);
  EXPECT_EQ(seconds("1970-01-01T00:00:00+23:59"), -86'340);
  EXPECT_EQ(seconds("1970-01-01T00:00:00-23:59"), 86'340);
  EXPECT_EQ(seconds("1970-01-01T00:00:00-00:00"), 0);
  EXPECT_EQ(seconds("2261-12-31T23:59:59-23:59"), 9'214'646'399 + 86'340);
}

TEST(Timestamp, FractionsHaveOneToNineDigits) {
  std::string text = "1970-01-01T00:00:01.";
  std::int64_t value = 0, unit = kSecond_ns;
  for (int digits = 1; digits <= 9; ++digits) {
    text += static_cast<char>('0' + digits);
    unit /= 10;
    value += digits * unit;
    EXPECT_EQ(parse_timestamp_ns(text + "Z"), Time(kSecond_ns + value));
    EXPECT_EQ(parse_timestamp_ns(text + "+00:01"), Time(kSecond_ns + value - 60 * kSecond_ns));
  }
  EXPECT_EQ(parse_timestamp_ns(text + "0Z"), std::nullopt);
  EXPECT_EQ(parse_timestamp_ns("1970-01-01T00:00:01.Z"), std::nullopt);
}

TEST(Timestamp, DaysThatDoNotExistAreRefused) {
  for (const char* date : {"2025-02-29", "2100-02-29", "2025-04-31", "2025-06-31", "2025-09-31",
                           "2025-11-31", "2025-01-32", "2025-00-01", "2025-13-01", "2025-01-00",
                           "1969-12-31", "2262-01-01", "0000-01-01", "9999-01-01"}) {
    EXPECT_EQ(seconds(date + std::string("T00:00:00Z")), std::nullopt) << date;
  }
  EXPECT_NE(seconds("2024-02-29T00:00:00Z"), std::nullopt);
  EXPECT_NE(seconds("2000-02-29T00:00:00Z"), std::nullopt);
}

TEST(Timestamp, TimesThatDoNotExistAreRefused) {
  for (const char* time : {"24:00:00", "23:60:00", "23:59:60", "99:00:00", "-1:00:00"})
    EXPECT_EQ(seconds("2025-05-02T" + std::string(time) + "Z"), std::nullopt) << time;
}

TEST(Timestamp, OtherShapesAreRefused) {
  for (const char* text : {"",
                           "Z",
                           "2025-05-02",
                           "2025-05-02T23:16:50",
                           "2025-05-02 23:16:50Z",
                           "2025-05-02t23:16:50Z",
                           "2025-05-02T23:16:50z",
                           "2025-05-02T23:16:50ZZ",
                           "2025-05-02T23:16:50 Z",
                           "2025-05-02T23:16:50+0200",
                           "2025-05-02T23:16:50+02",
                           "2025-05-02T23:16:50+24:00",
                           "2025-05-02T23:16:50+02:60",
                           "2025-05-02T23:16:50+02:0",
                           "2025-05-02T23:16:50,5Z",
                           "2025-05-02T23:16:50.5",
                           "2025/05/02T23:16:50Z",
                           "2025-05-02T23-16-50Z",
                           "20250-5-02T23:16:50Z",
                           "2025-05-02T23:16:50.5+02:00x",
                           "+025-05-02T23:16:50Z",
                           "2025-05-02T23:16:50\xE2\x88\x92"
                           "02:00"}) {
    EXPECT_EQ(parse_timestamp_ns(text), std::nullopt) << text;
  }
}

TEST(Timestamp, NoByteOfItMayBeAnother) {
  const std::string text = "2025-05-02T23:16:50.5+02:30";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string other = text;
      other[at] = static_cast<char>(byte);
      const bool digit = byte >= '0' && byte <= '9';
      const bool was_digit = text[at] >= '0' && text[at] <= '9';
      if (digit && was_digit) continue;  // may well exist
      if (other == text || (at == 21 && byte == '-')) continue;
      ASSERT_EQ(parse_timestamp_ns(other), std::nullopt) << other;
    }
  }
}

TEST(Timestamp, EveryDayIsReadAndWrittenAlike) {
  const std::int64_t end = days_from_civil({kLastYear + 1, 1, 1});
  for (std::int64_t days = 0; days < end; ++days) {
    std::string text;
    append_date(civil_from_days(days), text);
    ASSERT_EQ(seconds(text + "T00:00:00Z"), days * kSecondsPerDay) << text;
  }
}

}  // namespace
}  // namespace billing
