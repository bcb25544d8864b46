#pragma once

// Civil dates as day numbers and back: the proleptic Gregorian calendar, days counted from
// 1970-01-01 = 0, negative before it. Knows nothing of time zones or leap seconds.
//
// The two conversions are Howard Hinnant's, from "chrono-Compatible Low-Level Date Algorithms"
// (https://howardhinnant.github.io/date_algorithms.html): years are counted from 1 March, so that
// the leap day is a year's last day and a month's first day is a straight line through its number.
// They hold for every day number within about +-10^15.

#include <cstdint>
#include <limits>
#include <string>

namespace billing {

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
inline constexpr std::int64_t kSecondsPerMinute = 60;
inline constexpr std::int64_t kSecondsPerHour = 3600;
inline constexpr std::int64_t kSecondsPerDay = 86400;

struct CivilDate {
  std::int64_t year;
  int month;  ///< 1..12
  int day;    ///< 1..31

  bool operator==(const CivilDate&) const = default;
};

/// A week of ISO 8601: begins on Monday; belongs to the year that holds its Thursday.
struct IsoWeek {
  std::int64_t year;
  int week;  ///< 1..53

  bool operator==(const IsoWeek&) const = default;
};

/// The quotient rounded towards minus infinity; `divisor` > 0.
constexpr std::int64_t floor_div(std::int64_t dividend, std::int64_t divisor) {
  const std::int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}

/// The second that holds the instant.
constexpr std::int64_t floor_seconds(std::int64_t time_ns) {
  return floor_div(time_ns, kNanosecondsPerSecond);
}

/// The instant in nanoseconds, or the end of the int64 range that it lies beyond.
constexpr std::int64_t saturated_ns(std::int64_t time_s) {
  using Limits = std::numeric_limits<std::int64_t>;
  if (time_s > Limits::max() / kNanosecondsPerSecond) return Limits::max();
  if (time_s < Limits::min() / kNanosecondsPerSecond) return Limits::min();
  return time_s * kNanosecondsPerSecond;
}

constexpr bool is_leap_year(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// 28..31; `month` is 1..12.
constexpr int days_in_month(std::int64_t year, int month) {
  if (month == 2) return is_leap_year(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// `date.month` is 1..12, `date.day` 1..31.
constexpr std::int64_t days_from_civil(const CivilDate& date) {
  const std::int64_t march_year = date.month > 2 ? date.year : date.year - 1;
  const std::int64_t era = floor_div(march_year, 400);
  const std::int64_t year_of_era = march_year - era * 400;                            // 0..399
  const std::int64_t march_month = date.month > 2 ? date.month - 3 : date.month + 9;  // 0..11
  const std::int64_t day_of_year = (153 * march_month + 2) / 5 + date.day - 1;        // 0..365
  const std::int64_t day_of_era =
      year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;  // 0..146096
  return era * 146097 + day_of_era - 719468;  // 719468 days from 0000-03-01 to 1970-01-01
}

constexpr CivilDate civil_from_days(std::int64_t days) {
  const std::int64_t days_since_march_0 = days + 719468;
  const std::int64_t era = floor_div(days_since_march_0, 146097);
  const std::int64_t day_of_era = days_since_march_0 - era * 146097;  // 0..146096
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;  // 0..399
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);  // 0..365
  const int march_month = static_cast<int>((5 * day_of_year + 2) / 153);       // 0..11
  const int month = march_month < 10 ? march_month + 3 : march_month - 9;
  const int day = static_cast<int>(day_of_year) - (153 * march_month + 2) / 5 + 1;
  return {year_of_era + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

/// Weeks since the one that holds 1970-01-01 (a Thursday); they begin on Monday.
constexpr std::int64_t week_index(std::int64_t days) { return floor_div(days + 3, 7); }

/// The day number of the week's Monday: the inverse of `week_index`.
constexpr std::int64_t first_day_of_week(std::int64_t index) { return index * 7 - 3; }

IsoWeek iso_week_from_days(std::int64_t days);

/// Appends `number` >= 0 with zeros in front up to `width` digits, 1..16.
void append_padded(std::int64_t number, int width, std::string& out);

/// Appends a year in four digits at least, with `-` before negative ones.
void append_year(std::int64_t year, std::string& out);

/// Appends `2025-05-02`.
void append_date(const CivilDate& date, std::string& out);

/// Appends `2025-05-02T23:16:50`; `second` counts from 1970-01-01T00:00:00.
void append_date_and_time(std::int64_t second, std::string& out);

/// Appends `2025-05-02T23:16:50.25Z`, without the fraction where it is 0.
void append_timestamp(std::int64_t time_ns, std::string& out);

/// Appends `23:16:50`; `second_of_day` is 0..86399.
void append_time_of_day(std::int64_t second_of_day, std::string& out);

}  // namespace billing
