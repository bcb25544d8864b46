#include "billing/money.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/decimal_digits.h"

namespace billing {
namespace {

constexpr std::size_t kMaxWholeDigits = 15;

/// Empty text is 0; at most 15 digits.
std::optional<std::uint64_t> parse_digits(std::string_view text) {
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

Uint128 power_of_ten(int exponent) {
  constexpr int kMost = 19;  // that 64 bits hold
  const auto power = [](int e) { return Uint128{kPowersOfTen[static_cast<std::size_t>(e)]}; };
  return exponent <= kMost ? power(exponent) : power(exponent - kMost) * power(kMost);
}

/// What is left of `divisor` after the whole units decides; halves are compared as rest with
/// divisor - rest, which cannot overflow.
template <typename Integer>
Integer divide_rounded(Integer amount, Integer divisor, Rounding mode) {
  const Integer units = amount / divisor;
  const Integer rest = amount % divisor;
  const Integer missing = divisor - rest;
  switch (mode) {
    case Rounding::half_up:
      return units + (rest >= missing);
    case Rounding::half_even:
      return units + (rest > missing || (rest == missing && units % 2 != 0));
    case Rounding::half_down:
      return units + (rest > missing);
    case Rounding::up:
      return units + (rest != 0);
    case Rounding::down:
      break;
  }
  return units;
}

char* write_wide_decimal(char* to, Uint128 value) {
  if (value >> 64 == 0) return write_decimal(to, static_cast<std::uint64_t>(value));
  const std::uint64_t sixteen_digits = kPowersOfTen[16];
  to = write_wide_decimal(to, value / sixteen_digits);
  return write_digits(to, static_cast<std::uint64_t>(value % sixteen_digits), 16);
}

char* write_wide_amount(char* to, Uint128 units, int scale) {
  constexpr int kDigitsAtOnce = 16;
  const Uint128 one = power_of_ten(scale);
  to = write_wide_decimal(to, units / one);
  if (scale == 0) return to;
  *to++ = '.';
  Uint128 rest = units % one;
  if (scale > kDigitsAtOnce) {
    scale -= kDigitsAtOnce;
    to = write_digits(to, static_cast<std::uint64_t>(rest / power_of_ten(kDigitsAtOnce)), scale);
    rest %= power_of_ten(kDigitsAtOnce);
    scale = kDigitsAtOnce;
  }
  return write_digits(to, static_cast<std::uint64_t>(rest), scale);
}

}  // namespace

std::optional<Uint128> parse_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  const bool has_point = point != std::string_view::npos;
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = has_point ? text.substr(point + 1) : std::string_view();
  if (whole.size() > kMaxWholeDigits || fraction.size() > kMoneyDecimals) return std::nullopt;
  if (has_point ? fraction.empty() : whole.empty()) return std::nullopt;

  const auto units = parse_digits(whole);
  const auto parts = parse_digits(fraction);
  if (!units || !parts) return std::nullopt;
  return *units * kMoneyUnit +
         *parts * kPowersOfTen[static_cast<std::size_t>(kMoneyDecimals) - fraction.size()];
}

std::optional<Rounding> parse_rounding(std::string_view name) {
  const auto* const known = std::find(kRoundingNames.begin(), kRoundingNames.end(), name);
  if (known != kRoundingNames.end()) {
    return static_cast<Rounding>(known - kRoundingNames.begin());
  }
  return std::nullopt;
}

AmountRounder::AmountRounder(const RoundingRule& rule, int decimals)
    : mode_(rule.mode),
      divisor_(power_of_ten(decimals - rule.scale)),
      small_divisor_(divisor_ >> 63 == 0 ? static_cast<std::uint64_t>(divisor_) : 0) {}

Int128 AmountRounder::round(Int128 amount) const {
  const auto low = static_cast<std::int64_t>(amount);
  if (low == amount && low >= 0 && small_divisor_ != 0) [[likely]] {
    return static_cast<std::int64_t>(
        divide_rounded(static_cast<std::uint64_t>(low), small_divisor_, mode_));
  }
  const auto units = static_cast<Int128>(divide_rounded(magnitude(amount), divisor_, mode_));
  return amount < 0 ? -units : units;
}

void append_amount(std::string& out, Int128 units, int scale) {
  const Uint128 size = magnitude(units);
  // 39 digits and the point, and what write_digits may scribble behind its digits.
  std::array<char, 64> buffer;
  char* const end = size >> 64 == 0 && scale <= kMoneyDecimals
                        ? write_fixed_point(buffer.data(), static_cast<std::uint64_t>(size), scale)
                        : write_wide_amount(buffer.data(), size, scale);
  if (units < 0) out += '-';
  out.append(buffer.data(), end);
}

void append_shortest_amount(std::string& out, Int128 units, int scale) {
  append_amount(out, units, scale);
  if (scale == 0) return;
  out.erase(out.find_last_not_of('0') + 1);
  if (out.ends_with('.')) out.pop_back();
}

}  // namespace billing
