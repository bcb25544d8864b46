#include "base/civil_time.h"

#include <cstddef>

#include "base/decimal_digits.h"

namespace billing {

IsoWeek iso_week_from_days(std::int64_t days) {
  const std::int64_t thursday = first_day_of_week(week_index(days)) + 3;
  const std::int64_t year = civil_from_days(thursday).year;
  const std::int64_t days_before = thursday - days_from_civil({year, 1, 1});
  return {year, static_cast<int>(days_before / 7) + 1};
}

void append_padded(std::int64_t number, int width, std::string& out) {
  char room[kDecimalRoomBytes];
  const auto value = static_cast<std::uint64_t>(number);
  const bool fits = value < kPowersOfTen[static_cast<std::size_t>(width)];
  out.append(room, fits ? write_digits(room, value, width) : write_decimal(room, value));
}

void append_year(std::int64_t year, std::string& out) {
  if (year < 0) out.push_back('-');
  append_padded(year < 0 ? -year : year, 4, out);
}

void append_date(const CivilDate& date, std::string& out) {
  append_year(date.year, out);
  out.push_back('-');
  append_padded(date.month, 2, out);
  out.push_back('-');
  append_padded(date.day, 2, out);
}

void append_time_of_day(std::int64_t second_of_day, std::string& out) {
  append_padded(second_of_day / kSecondsPerHour, 2, out);
  out.push_back(':');
  append_padded(second_of_day / kSecondsPerMinute % 60, 2, out);
  out.push_back(':');
  append_padded(second_of_day % 60, 2, out);
}

void append_date_and_time(std::int64_t second, std::string& out) {
  const std::int64_t days = floor_div(second, kSecondsPerDay);
  append_date(civil_from_days(days), out);
  out.push_back('T');
  append_time_of_day(second - days * kSecondsPerDay, out);
}

void append_timestamp(std::int64_t time_ns, std::string& out) {
  const std::int64_t second = floor_div(time_ns, kNanosecondsPerSecond);
  append_date_and_time(second, out);
  if (const std::int64_t fraction_ns = time_ns - second * kNanosecondsPerSecond; fraction_ns != 0) {
    out.push_back('.');
    append_padded(fraction_ns, 9, out);
    out.erase(out.find_last_not_of('0') + 1);
  }
  out.push_back('Z');
}

}  // namespace billing
