#pragma once

// The months that timestamps may name, by two numbers that are read off their digits.

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/civil_time.h"
#include "base/timestamp.h"

namespace billing {

/// A year has room for every month of two digits of which the first is 0 or 1, so that an index
/// beyond December leads to a month of no days and not to the next year.
inline constexpr std::uint32_t kMonthsPerYear = 32;

/// Index of month 0 of year 0.
inline constexpr std::uint32_t kMonthOrigin = 0U - kFirstYear * kMonthsPerYear;

struct MonthEntry {
  /// first day (since 1970-01-01) << 5 | number of days; 0 for no month
  std::uint32_t packed;

  std::uint32_t first_day() const { return packed >> 5; }
  std::uint32_t days() const { return packed & 31; }
};

/// By (year - kFirstYear) * kMonthsPerYear + month, months from 1. Entry 0 is no month.
inline constexpr auto kMonths = [] {
  std::array<MonthEntry, (kLastYear - kFirstYear + 1) * std::size_t{kMonthsPerYear}> months{};
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    for (int month = 1; month <= 12; ++month) {
      const auto first_day = static_cast<std::uint32_t>(days_from_civil({year, month, 1}));
      const auto days = static_cast<std::uint32_t>(days_in_month(year, month));
      months[static_cast<std::size_t>(year - kFirstYear) * kMonthsPerYear +
             static_cast<std::size_t>(month)] = {first_day << 5 | days};
    }
  }
  return months;
}();

}  // namespace billing
