#pragma once

// Quantities: what events are billed by. A quantity is an integer of 10^-digits of a unit; it may
// be negative (a credit). Sums of quantities are exact 128-bit integers, so that they depend
// neither on the order nor on the grouping of what is added up.

#include <cstdint>
#include <string>

namespace billing {

/// The largest magnitude of an event's quantity.
inline constexpr std::int64_t kMaxQuantity = 999'999'999'999'999;

inline constexpr int kMaxQuantityDigits = 9;

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
