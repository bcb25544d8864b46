#include "mapping/time_scanner.h"

#include <limits>

#include "base/timestamp.h"

namespace billing {

bool find_instant(const WrittenTime& time, const LocalTime& local, std::int64_t& time_ns) {
  if (time.year < kFirstYear || time.year > kLastYear || time.month < 1 || time.month > 12 ||
      time.day < 1 || time.day > days_in_month(time.year, time.month)) {
    return false;
  }
  const std::int64_t local_s = days_from_civil({time.year, time.month, time.day}) * kSecondsPerDay +
                               time.hour * kSecondsPerHour + time.minute * kSecondsPerMinute +
                               time.second;
  std::int64_t offset_s = 0;
  if (time.offset_s) {
    offset_s = *time.offset_s;
  } else if (!local.find_offset(local_s, offset_s)) {
    return false;
  }
  time_ns = (local_s - offset_s) * kNanosecondsPerSecond + time.fraction_ns;
  return true;
}

bool TimeScanner::take_number(int least, int most, int& number) {
  int digits = 0;
  for (number = 0; digits < most && has_digit(); ++digits) {
    number = number * 10 + (left_.front() - '0');
    left_.remove_prefix(1);
  }
  return digits >= least;
}

bool TimeScanner::take_fraction(std::size_t most, std::int64_t& fraction_ns) {
  std::int64_t place_ns = kNanosecondsPerSecond;
  std::size_t digits = 0;
  for (fraction_ns = 0; digits < most && has_digit(); ++digits) {
    place_ns /= 10;
    if (place_ns == 0 && left_.front() != '0') return false;
    fraction_ns += place_ns * (left_.front() - '0');
    left_.remove_prefix(1);
  }
  return digits != 0;
}

bool TimeScanner::take_clock(WrittenTime& time) {
  return take_number(2, 2, time.hour) && time.hour <= 23 && take(':') &&
         take_number(2, 2, time.minute) && time.minute <= 59 && take(':') &&
         take_number(2, 2, time.second) && time.second <= 59;
}

bool TimeScanner::take_offset(std::optional<std::int64_t>& offset_s) {
  const bool is_west = next() == '-';
  if (!take('+') && !take('-')) return false;
  int hours = 0;
  int minutes = 0;
  if (!take_number(2, 2, hours) || hours > 23) return false;
  if ((take(':') || has_digit()) && (!take_number(2, 2, minutes) || minutes > 59)) return false;
  const std::int64_t east_s = hours * kSecondsPerHour + minutes * kSecondsPerMinute;
  offset_s = is_west ? -east_s : east_s;
  return true;
}

}  // namespace billing
