#include "base/timestamp.h"

namespace billing {
namespace {

/// Two digits at `at`, or -1. The caller has checked the length.
int two_digits(std::string_view text, std::size_t at) {
  const int tens = text[at] - '0';
  const int ones = text[at + 1] - '0';
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1;
  return tens * 10 + ones;
}

std::optional<std::int64_t> parse_clock_s(std::string_view text) {
  const int hour = two_digits(text, 0);
  const int minute = two_digits(text, 3);
  const int second = two_digits(text, 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      text[2] != ':' || text[5] != ':') {
    return std::nullopt;
  }
  return hour * 3600 + minute * 60 + second;
}

/// Reads `.123` off the front of `text`, if it is there.
std::optional<std::int64_t> take_fraction_ns(std::string_view& text) {
  if (text.empty() || text[0] != '.') return 0;
  std::int64_t value_ns = 0;
  std::size_t digits = 0;
  while (digits + 1 < text.size() && text[digits + 1] >= '0' && text[digits + 1] <= '9') {
    if (++digits > 9) return std::nullopt;
    value_ns = value_ns * 10 + (text[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits + 1);
  for (std::size_t i = digits; i < 9; ++i) value_ns *= 10;
  return value_ns;
}

std::optional<std::int64_t> parse_offset_s(std::string_view text) {
  if (text == "Z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const int hours = two_digits(text, 1);
  const int minutes = two_digits(text, 4);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int offset_s = hours * 3600 + minutes * 60;
  return text[0] == '-' ? -offset_s : offset_s;
}

/// `YYYY-MM-DD` as days since 1970-01-01.
std::optional<std::int64_t> parse_date_days(std::string_view text) {
  const int century = two_digits(text, 0);
  const int year_of_century = two_digits(text, 2);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  if (century < 0 || year_of_century < 0 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const int year = century * 100 + year_of_century;
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12) return std::nullopt;
  if (day < 1 || day > days_in_month(year, month)) return std::nullopt;
  return days_from_civil({year, month, day});
}

}  // namespace

std::optional<std::int64_t> parse_timestamp_ns(std::string_view text) {
  constexpr std::size_t kSecondsEnd = 19;  // YYYY-MM-DDTHH:MM:SS
  if (text.size() <= kSecondsEnd || text[10] != 'T') return std::nullopt;
  const auto days = parse_date_days(text.substr(0, 10));
  const auto clock_s = parse_clock_s(text.substr(11, 8));
  text.remove_prefix(kSecondsEnd);
  const auto fraction_ns = take_fraction_ns(text);
  const auto offset_s = parse_offset_s(text);
  if (!days || !clock_s || !fraction_ns || !offset_s) return std::nullopt;
  return (*days * 86'400 + *clock_s - *offset_s) * kNanosecondsPerSecond + *fraction_ns;
}

}  // namespace billing
