#pragma once

// Exact money: integers of 10^-12 currency units, or finer where quantities have digits after the
// point. Money never touches a binary float. Nothing here throws or keeps state.
//
//     const Uint128 rate = *parse_decimal("0.005");              // 5'000'000'000 of 10^-12
//     const Int128 exact = static_cast<Int128>(rate) * 1250;     // 1,250 units of quantity
//     const RoundingRule rule{Rounding::half_even, 2};
//     append_amount(text, round_amount(exact, rule), rule.scale);  // 6.25

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "billing/int128.h"
#include "billing/quantity.h"

namespace billing {

/// Digits after the point that a rate may have, and that exact amounts carry.
inline constexpr int kMoneyDecimals = 12;
/// The number 1 in units of 10^-12.
inline constexpr Uint128 kMoneyUnit = 1'000'000'000'000;

/// `digits{1,15}[.digits{1,12}]` or `.digits{1,12}` as an integer of 10^-12; nothing for other
/// text.
std::optional<Uint128> parse_decimal(std::string_view text);

/// How an amount between two units becomes one of them. The first three take the nearer unit and
/// differ only for exact ties; `up` is away from zero, `down` towards it.
enum class Rounding { half_up, half_even, half_down, up, down };

/// Names by the value of Rounding, as the setting `rounding` takes them.
inline constexpr std::array<std::string_view, 5> kRoundingNames = {"half-up", "half-even",
                                                                   "half-down", "up", "down"};

/// The other way round; nothing for an unknown name.
std::optional<Rounding> parse_rounding(std::string_view name);

struct RoundingRule {
  Rounding mode = Rounding::half_up;
  int scale = 2;  ///< digits after the point, 0..12
};

/// The most digits after the point that an exact amount has.
inline constexpr int kMaxExactDecimals = kMoneyDecimals + kMaxQuantityDigits;

/// Digits after the point of exact costs: a rate times a quantity of these rules.
inline int exact_decimals(const QuantityRules& quantity) {
  return kMoneyDecimals + quantity.digits;
}

/// Rounds exact amounts, integers of 10^-decimals, to integers of 10^-scale. Negative amounts are
/// rounded by their magnitude, so that a credit is the exact opposite of the same charge.
/// Immutable; any number of threads.
class AmountRounder {
 public:
  /// `decimals` is from kMoneyDecimals to kMaxExactDecimals: see exact_decimals().
  explicit AmountRounder(const RoundingRule& rule, int decimals = kMoneyDecimals);

  Int128 round(Int128 amount) const;

 private:
  Rounding mode_;
  Uint128 divisor_;
  std::uint64_t small_divisor_;  // the same, or 0 where it is larger
};

inline Int128 round_amount(Int128 amount, const RoundingRule& rule, int decimals = kMoneyDecimals) {
  return AmountRounder(rule, decimals).round(amount);
}

/// Appends `units` of 10^-scale as a decimal with exactly `scale` digits after the point (none, and
/// no point, at scale 0). `scale` is at most kMaxExactDecimals.
void append_amount(std::string& out, Int128 units, int scale);

/// The same without zeros at the end of the fraction, and without the point where nothing follows
/// it.
void append_shortest_amount(std::string& out, Int128 units, int scale);

}  // namespace billing
