#pragma once

// Decimals of any length, in order: compared digit by digit as they are written, and never cut.

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mapping/exact_decimal.h"

namespace billing {

/// A number as it is written. Its text must outlive it.
struct DecimalText {
  bool is_negative = false;  ///< never of 0
  /// From the first digit that is not 0; a point, or what parts groups, may stand between.
  std::string_view digits = {};
  std::int64_t power10 = 0;  ///< of the first digit
};

/// `digits[.digits]` or `.digits`, also below 0, and what the notation adds. Nothing for any other
/// text.
std::optional<DecimalText> read_decimal_text(std::string_view text, QuantityNotation notation);

std::strong_ordering operator<=>(const DecimalText& a, const DecimalText& b);

}  // namespace billing
