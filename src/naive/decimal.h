#pragma once

// Decimals of any length, by the rules of pencil and paper.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace billing::naive {

/// digits × 10^-scale. Zero has no digits and no sign.
struct Decimal {
  bool is_negative = false;
  std::string digits = {};  ///< without leading zeros
  std::uint64_t scale = 0;
};

/// Which spellings a format has.
struct DecimalRules {
  bool has_exponent = false;  ///< `1.2e-3`, and `+` before it
  bool has_comma = false;     ///< `1.234,56`
  bool negative = false;      ///< `-`, also before 0
};

std::optional<Decimal> parse_decimal(std::string_view text, const DecimalRules& rules);

/// `factor` is at most 10^13.
Decimal times(const Decimal& value, std::uint64_t factor);

Decimal sum(const Decimal& a, const Decimal& b);

/// The numbers of a sum, and what they come to, written below each other: digits from the first
/// that is not 0 to the last.
inline constexpr std::int64_t kMaxSumDigits = 37;
bool fits_sum(const Decimal& value);

/// a + b; nothing where they do not fit.
std::optional<Decimal> bounded_sum(const Decimal& a, const Decimal& b);

struct RoundedInteger {
  std::int64_t value;  ///< rounded half-even by magnitude
  bool is_exact;
};

/// value ÷ divisor × 10^places as an integer; nothing where it has more than 15 digits. `divisor`
/// is at most 10^13.
std::optional<RoundedInteger> divided(const Decimal& value, std::uint64_t divisor, int places);

/// value ÷ divisor without its digits beyond so many behind the point.
Decimal cut_quotient(const Decimal& value, std::uint64_t divisor, int places);

}  // namespace billing::naive
