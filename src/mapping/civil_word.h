#pragma once

// Dates and times of day read off words of eight characters, see digit_word.h. What these functions
// take is right; what they do not take may still be a time of another shape.

#include <array>
#include <cstdint>
#include <string_view>

#include "base/civil_time.h"
#include "base/timestamp.h"
#include "mapping/digit_word.h"
#include "mapping/local_time.h"

namespace billing::civil_word {

struct MonthDays {
  std::uint16_t before;  ///< days from 1 March to the month's first
  std::uint16_t days;    ///< in a year without a leap day; 0 for no month
};

/// By the number of the month; as far as two digits of which the first is 0 or 1 can go.
inline constexpr auto kMonthDays = [] {
  std::array<MonthDays, 20> months{};
  std::uint16_t before = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    const std::size_t month = (i + 2) % 12 + 1;
    const auto days = static_cast<std::uint16_t>(days_in_month(1970, static_cast<int>(month)));
    months[month] = {before, days};
    before = static_cast<std::uint16_t>(before + days);
  }
  return months;
}();

/// Days since 1970-01-01; false where there is no such date within kFirstYear to kLastYear. As
/// days_from_civil() does it, with the two centuries of those years without a leap day named.
/// `month` < kMonthDays.size().
inline bool find_day(std::uint32_t year, std::uint32_t month, std::uint32_t day,
                     std::int64_t& days) {
  static_assert(kFirstYear == 1970 && kLastYear < 2300);
  constexpr std::uint32_t kDaysBefore1970 = 719468 + 15 + 1;  // 15 leap days that were left out
  const MonthDays in_month = kMonthDays[month];
  const std::uint32_t march_year = year - (month <= 2 ? 1 : 0);
  const std::uint32_t left_out = (march_year >= 2100 ? 1 : 0) + (march_year >= 2200 ? 1 : 0);
  const bool is_leap = year % 4 == 0 && year != 2100 && year != 2200;
  const std::uint32_t last_day = in_month.days + (month == 2 && is_leap ? 1U : 0U);
  days = march_year * 365 + march_year / 4 - left_out + in_month.before + day - kDaysBefore1970;
  return (year - kFirstYear <= kLastYear - kFirstYear) & (day - 1 < last_day);
}

/// Seconds of `HH:MM:SS`; the limits of tens are in the shape, that of hours is not.
inline constexpr digit_word::Shape kClock("00:00:00", "29:59:59");
inline constexpr std::uint64_t kMaxHour = 23;

inline std::uint32_t clock_s(std::uint64_t digits) {
  const std::uint64_t pairs = digit_word::pairs(digits);
  return digit_word::pair_at(pairs, 0) * 3600 + digit_word::pair_at(pairs, 3) * 60 +
         digit_word::pair_at(pairs, 6);
}

/// `YYYY-MM-DD?HH:MM:SS`, whatever stands at the question mark, as seconds since 1970.
inline bool read_date_and_clock(const char* at, std::int64_t& time_s) {
  using namespace digit_word;
  constexpr Shape kCentury("00", "99");
  constexpr Shape kRestOfDate("00-00-00", "99-19-39");
  std::uint64_t wrong = 0;
  const std::uint64_t century = pairs(read<std::uint16_t>(at, kCentury, wrong));
  const std::uint64_t date = pairs(read<std::uint64_t>(at + 2, kRestOfDate, wrong));
  const std::uint32_t second = clock_s(read<std::uint64_t>(at + 11, kClock, wrong));
  if ((wrong & kHighBits) != 0) return false;
  std::int64_t days = 0;
  const bool exists = find_day(pair_at(century, 0) * 100 + pair_at(date, 0), pair_at(date, 3),
                               pair_at(date, 6), days);
  time_s = days * kSecondsPerDay + second;
  return exists & (second < kSecondsPerDay);
}

/// The digits of `text`, 1 to 9 of them, as the fraction of a second. Eight bytes before the end of
/// `text` must be readable.
///
///     . 2 6 0       the last eight bytes end here
///     2 6 0 0 0 0 0 0   shifted until the first digit is the lowest byte: what stood before is
///     gone
inline bool read_fraction(std::string_view text, std::int64_t& fraction_ns) {
  using namespace digit_word;
  const std::size_t digits = text.size();
  if (digits - 1 > 8) return false;
  std::uint64_t word = load<std::uint64_t>(text.data() + digits - 8) ^ kZeros;
  std::uint32_t ninth = 0;
  if (digits == 9) {
    ninth = static_cast<std::uint32_t>(word >> 56);
    word = load<std::uint64_t>(text.data()) ^ kZeros;
  } else {
    word >>= 8 * (8 - digits);
  }
  fraction_ns = std::int64_t{number_of(word)} * 10 + ninth;
  return (not_digits(word) == 0) & (ninth <= 9);
}

/// `±HH:MM`, the last six bytes of `text`, of which eight must be readable.
///
///     S S + H H : M M     loaded; shifted by three bytes, the hours begin the word
inline bool read_offset(std::string_view text, std::int64_t& offset_s) {
  using namespace digit_word;
  constexpr Shape kOffset("00:00", "29:59");
  const char sign = text[text.size() - 6];
  const std::uint64_t bytes = load<std::uint64_t>(text.data() + text.size() - 8) >> 24;
  const std::uint64_t digits = bytes ^ kOffset.lowest;
  const std::uint64_t two = pairs(digits);
  const std::int64_t east_s = pair_at(two, 0) * 3600 + pair_at(two, 3) * 60;
  offset_s = sign == '-' ? -east_s : east_s;
  return (((digits + kOffset.bias) | digits) & kHighBits) == 0 && pair_at(two, 0) <= kMaxHour &&
         (sign == '+' || sign == '-');
}

/// `YYYY-MM-DD`, `T` or a space, `HH:MM:SS`; then `Z`, or `.`, 1 to 9 digits and `Z`, or `±HH:MM`,
/// or nothing.
inline bool read_rfc3339(std::string_view text, const LocalTime& local, std::int64_t& time_ns) {
  constexpr std::size_t kSecondsEnd = 19;
  if (text.size() < kSecondsEnd || (text[10] != 'T' && text[10] != ' ')) return false;
  std::int64_t time_s = 0;
  if (!read_date_and_clock(text.data(), time_s)) return false;
  std::int64_t fraction_ns = 0;
  std::int64_t offset_s = 0;
  if (text.back() == 'Z') {
    const std::string_view rest = text.substr(kSecondsEnd);
    if (rest.size() > 1 &&
        (rest.front() != '.' || !read_fraction(rest.substr(1, rest.size() - 2), fraction_ns)))
      return false;
  } else if (text.size() == kSecondsEnd) {
    if (!local.find_offset(time_s, offset_s)) return false;
  } else if (text.size() != kSecondsEnd + 6 || !read_offset(text, offset_s)) {
    return false;
  }
  time_ns = (time_s - offset_s) * kNanosecondsPerSecond + fraction_ns;
  return true;
}

inline constexpr std::array<std::string_view, 12> kShortMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Where a month's three letters, a number of 24 bits, stand in the table of their numbers.
inline constexpr std::uint32_t kMonthHashBits = 5;
constexpr std::uint32_t month_place(std::uint32_t letters, std::uint32_t multiplier) {
  return letters * multiplier >> (32 - kMonthHashBits);
}

struct MonthName {
  std::uint32_t letters = 0;
  std::uint32_t month = 0;
};

struct MonthNames {
  std::uint32_t multiplier = 0;
  std::array<MonthName, 1 << kMonthHashBits> names{};
};

/// The first odd multiplier that leads every month to a place of its own.
inline constexpr MonthNames kMonthNames = [] {
  for (std::uint32_t multiplier = 0x9E3779B1;; multiplier += 2) {
    MonthNames table{multiplier, {}};
    bool is_free = true;
    for (std::uint32_t i = 0; i < 12 && is_free; ++i) {
      std::uint32_t letters = 0;
      for (std::size_t k = 0; k < 3; ++k)
        letters |= static_cast<std::uint32_t>(kShortMonths[i][k]) << (8 * k);
      MonthName& name = table.names[month_place(letters, multiplier)];
      is_free = name.month == 0;
      name = {letters, i + 1};
    }
    if (is_free) return table;
  }
}();

/// `10/Oct/2025:13:55:36 -0700`, all of it and nothing else.
inline bool read_clf(std::string_view text, std::int64_t& time_ns) {
  using namespace digit_word;
  // The words overlap: `10/Oct/2`, `2025:13:`, `13:55:36`, `36 -0700`. Letters and the sign may be
  // anything in their shapes (0 up to 127 above it), and are looked at below.
  constexpr Shape kDay(std::string_view("00/\0\0\0/0", 8), "39/\x7F\x7F\x7F/9");
  constexpr Shape kYear("0000:00:", "9999:99:");
  constexpr Shape kOffset(std::string_view("00 \0000000", 8),
                          "99 \x7F"
                          "2959");
  if (text.size() != 26) return false;
  const char* const at = text.data();
  std::uint64_t wrong = 0;
  const std::uint64_t day = read<std::uint64_t>(at, kDay, wrong);
  const std::uint64_t year = pairs(read<std::uint64_t>(at + 7, kYear, wrong));
  const std::uint32_t second = clock_s(read<std::uint64_t>(at + 12, kClock, wrong));
  const std::uint64_t offset = read<std::uint64_t>(at + 18, kOffset, wrong);
  const auto letters = static_cast<std::uint32_t>(day >> 24 & 0xFFFFFF);
  const MonthName name = kMonthNames.names[month_place(letters, kMonthNames.multiplier)];
  const std::uint64_t offset_pairs = pairs(offset & 0x0F0F0F0F00000000);
  const std::uint32_t offset_hours = pair_at(offset_pairs, 4);
  const char sign = at[21];
  std::int64_t days = 0;
  const bool exists = find_day(pair_at(year, 0) * 100 + pair_at(year, 2), name.month,
                               pair_at(pairs(day & 0x0F0F), 0), days);
  if ((wrong & kHighBits) != 0 || !exists || name.letters != letters || second >= kSecondsPerDay ||
      offset_hours > kMaxHour || (sign != '+' && sign != '-'))
    return false;
  const std::int64_t offset_s = offset_hours * 3600 + pair_at(offset_pairs, 6) * 60;
  const std::int64_t time_s = days * kSecondsPerDay + second - (sign == '-' ? -offset_s : offset_s);
  time_ns = time_s * kNanosecondsPerSecond;
  return true;
}

}  // namespace billing::civil_word
