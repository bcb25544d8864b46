#pragma once

// Decimals of any length as text -> exact numbers.

#include <cstdint>
#include <string_view>

#include "billing/int128.h"

namespace billing {

/// Digits that a number keeps. Enough to round every number as if all were there: halfway between
/// two quantities lies a decimal of at most 37 digits, as (2 * 10^15 - 1) / 2^31 GiB has.
inline constexpr int kExactDigits = 37;

/// 10^kExactDigits: all mantissas are less.
inline constexpr Uint128 kExactLimit = [] {
  Uint128 limit = 1;
  for (int i = 0; i < kExactDigits; ++i) limit *= 10;
  return limit;
}();

/// mantissa * 10^exponent10, exactly. |mantissa| < kExactLimit.
struct ExactDecimal {
  Int128 mantissa = 0;
  int exponent10 = 0;

  void negate() { mantissa = -mantissa; }

  /// False where the sum has too many digits; then nothing has changed.
  [[nodiscard]] bool add(const ExactDecimal& other);

  /// False where the product has too many digits; then nothing has changed.
  [[nodiscard]] bool multiply(std::uint64_t factor);
};

/// How numbers are written.
struct QuantityNotation {
  bool has_exponents = false;  ///< also a leading `+`: json, csv, logfmt
  bool decimal_comma = false;  ///< `1.234,5`: a point only between groups of three digits
};

/// A number as written.
struct WrittenDecimal {
  bool is_negative = false;
  Uint128 mantissa = 0;  ///< less than kExactLimit
  int exponent10 = 0;
  bool is_cut = false;  ///< digits other than 0 follow those of the mantissa
};

/// Takes `digits[.digits]` or `.digits`, and what the notation adds, off the front of the text: as
/// much as belongs to it, the sign too. False where there is no number.
bool take_decimal(std::string_view& text, QuantityNotation notation, WrittenDecimal& number);

}  // namespace billing
