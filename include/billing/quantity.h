#pragma once

// Quantities: what events are billed by. A quantity is an integer of 10^-digits of a unit; it may
// be negative (a credit). Sums of quantities are exact 128-bit integers, so that they depend
// neither on the order nor on the grouping of what is added up.

#include <cstdint>
#include <string>

#include "billing/int128.h"

namespace billing {

/// The largest magnitude of an event's quantity.
inline constexpr std::int64_t kMaxQuantity = 999'999'999'999'999;

inline constexpr int kMaxQuantityDigits = 9;

/// Digits behind the point of what rounding adds up to; those beyond are left out.
inline constexpr int kRoundingDigits = 20;

/// What rounding did to quantities (ExcessDigits::round).
struct QuantityRounding {
  std::uint64_t count = 0;  ///< quantities that were rounded
  Int128 by = 0;  ///< what they were rounded to less what they were, in 10^-kRoundingDigits

  bool operator==(const QuantityRounding&) const = default;
  QuantityRounding& operator+=(const QuantityRounding& other) {
    count += other.count;
    by += other.by;
    return *this;
  }
};

/// What the quantities of a run are: the same for all of its inputs, rates and results.
struct QuantityRules {
  std::string unit = "ms";  ///< 1 to 16 letters, digits or `_`
  int digits = 0;           ///< 0..kMaxQuantityDigits: quantities are integers of 10^-digits units
  bool negative = false;    ///< whether events may have negative ones

  bool operator==(const QuantityRules&) const = default;

  /// Whole milliseconds are called `duration_ms` in results, all else `quantity`.
  bool is_duration_ms() const { return unit == "ms" && digits == 0; }
};

}  // namespace billing
