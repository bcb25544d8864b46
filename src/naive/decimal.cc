#include "naive/decimal.h"

#include <algorithm>
#include <cstddef>

#include "naive/ascii.h"

namespace billing::naive {
namespace {

constexpr std::size_t kMostDigits = 15;

void drop_leading_zeros(std::string& digits) {
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
}

/// A whole number cut off `text`: digits, or with `has_comma` groups of three with `.` between.
std::optional<std::string> take_whole(std::string_view& text, bool has_comma) {
  std::string whole(take_digits(text));
  if (!has_comma || !text.starts_with('.')) return whole;
  if (whole.empty() || whole.size() > 3) return std::nullopt;
  while (text.starts_with('.')) {
    text.remove_prefix(1);
    const std::string_view group = take_digits(text);
    if (group.size() != 3) return std::nullopt;
    whole += group;
  }
  return whole;
}

/// `e-12` cut off `text`; 0 where none stands.
std::optional<int> take_exponent(std::string_view& text) {
  if (text.empty() || (text.front() != 'e' && text.front() != 'E')) return 0;
  text.remove_prefix(1);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view digits = take_digits(text);
  if (digits.empty() || digits.size() > 3) return std::nullopt;
  const int exponent = static_cast<int>(number(digits));
  return is_negative ? -exponent : exponent;
}

/// Both with the same scale.
void align(Decimal& a, Decimal& b) {
  if (a.scale < b.scale) {
    if (!a.digits.empty()) a.digits.append(b.scale - a.scale, '0');
    a.scale = b.scale;
  } else if (b.scale < a.scale) {
    align(b, a);
  }
}

bool is_less(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

/// a + b or, for sign = -1 and b <= a, a - b.
std::string combined(const std::string& a, const std::string& b, int sign) {
  std::string result(std::max(a.size(), b.size()) + 1, '0');
  int carry = 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto digit = [i](const std::string& of) {
      return i < of.size() ? of[of.size() - 1 - i] - '0' : 0;
    };
    const int value = digit(a) + sign * digit(b) + carry;
    const int kept = (value + 10) % 10;
    carry = value >= 10 ? 1 : value < 0 ? -1 : 0;
    result[result.size() - 1 - i] = static_cast<char>('0' + kept);
  }
  drop_leading_zeros(result);
  return result;
}

/// How many places stand before the first digit, counted from the point on, and behind the last one
/// that is not 0.
std::int64_t places_before(const Decimal& value) {
  return static_cast<std::int64_t>(value.scale) - static_cast<std::int64_t>(value.digits.size());
}
std::int64_t places_to_last(const Decimal& value) {
  return places_before(value) + static_cast<std::int64_t>(value.digits.find_last_not_of('0') + 1);
}

/// From the first digit of either to the last of either that is not 0.
std::int64_t digits_between(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() && b.digits.empty()) return 0;
  if (a.digits.empty()) return digits_between(b, b);
  if (b.digits.empty()) return digits_between(a, a);
  return std::max(places_to_last(a), places_to_last(b)) -
         std::min(places_before(a), places_before(b));
}

}  // namespace

std::optional<Decimal> parse_decimal(std::string_view text, const DecimalRules& rules) {
  Decimal value;
  if (text.starts_with('-') && rules.negative) {
    value.is_negative = true;
    text.remove_prefix(1);
  } else if (text.starts_with('+') && rules.has_exponent) {
    text.remove_prefix(1);
  }
  const auto whole = take_whole(text, rules.has_comma);
  if (!whole) return std::nullopt;
  value.digits = *whole;
  if (text.starts_with(rules.has_comma ? ',' : '.')) {
    text.remove_prefix(1);
    const std::string_view fraction = take_digits(text);
    if (fraction.empty()) return std::nullopt;
    value.digits += fraction;
    value.scale = fraction.size();
  }
  if (value.digits.empty()) return std::nullopt;
  const auto exponent = rules.has_exponent ? take_exponent(text) : 0;
  if (!exponent || !text.empty()) return std::nullopt;
  const auto up = static_cast<std::uint64_t>(std::max(*exponent, 0));
  value.scale += static_cast<std::uint64_t>(std::max(-*exponent, 0));
  if (up > value.scale) value.digits.append(up - value.scale, '0');
  value.scale -= std::min(up, value.scale);
  drop_leading_zeros(value.digits);
  if (value.digits.empty()) return Decimal{};
  return value;
}

Decimal times(const Decimal& value, std::uint64_t factor) {
  Decimal result = value;
  std::uint64_t carry = 0;
  for (auto digit = result.digits.rbegin(); digit != result.digits.rend(); ++digit) {
    carry += static_cast<std::uint64_t>(*digit - '0') * factor;
    *digit = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  if (carry > 0) result.digits.insert(0, std::to_string(carry));
  return result;
}

Decimal sum(const Decimal& a, const Decimal& b) {
  Decimal left = a;
  Decimal right = b;
  align(left, right);
  if (left.is_negative == right.is_negative) {
    left.digits = combined(left.digits, right.digits, 1);
  } else {
    if (is_less(left.digits, right.digits)) std::swap(left, right);
    left.digits = combined(left.digits, right.digits, -1);
  }
  if (left.digits.empty()) return {};
  return left;
}

bool fits_sum(const Decimal& value) { return bounded_sum(Decimal{}, value).has_value(); }

std::optional<Decimal> bounded_sum(const Decimal& a, const Decimal& b) {
  const Decimal total = sum(a, b);
  if (digits_between(a, b) > kMaxSumDigits || digits_between(total, total) > kMaxSumDigits)
    return std::nullopt;
  return total;
}

std::optional<RoundedInteger> divided(const Decimal& value, std::uint64_t divisor, int places) {
  std::string quotient;
  std::uint64_t rest = 0;
  std::string digits = value.digits;
  std::uint64_t scale = value.scale;
  const auto shift = static_cast<std::uint64_t>(places);
  if (shift > scale) digits.append(shift - scale, '0');
  scale -= std::min(shift, scale);
  for (const char digit : digits) {
    rest = rest * 10 + static_cast<std::uint64_t>(digit - '0');
    quotient += static_cast<char>('0' + rest / divisor);
    rest %= divisor;
  }
  // The value is (quotient + rest ÷ divisor) × 10^-scale.
  if (quotient.size() < scale) quotient.insert(0, scale - quotient.size(), '0');
  std::string whole = quotient.substr(0, quotient.size() - scale);
  const std::string fraction = quotient.substr(quotient.size() - scale);
  drop_leading_zeros(whole);
  if (whole.size() > kMostDigits) return std::nullopt;
  std::int64_t magnitude = number(whole);
  const bool is_exact = rest == 0 && fraction.find_first_not_of('0') == fraction.npos;
  // Twice what is beyond the integer, compared with 1.
  const std::string half = scale > 0 ? '5' + std::string(scale - 1, '0') : "";
  const std::uint64_t half_rest = scale > 0 ? 0 : divisor;
  const bool is_at_half = fraction == half && 2 * rest == half_rest;
  const bool is_above = fraction > half || (fraction == half && 2 * rest > half_rest);
  if (is_above || (is_at_half && magnitude % 2 == 1)) ++magnitude;
  return RoundedInteger{value.is_negative ? -magnitude : magnitude, is_exact};
}

Decimal cut_quotient(const Decimal& value, std::uint64_t divisor, int places) {
  const auto wanted = static_cast<std::uint64_t>(places);
  Decimal dividend = value;
  if (dividend.scale < wanted) {
    dividend.digits.append(wanted - dividend.scale, '0');
    dividend.scale = wanted;
  }
  Decimal quotient{value.is_negative, "", dividend.scale};
  std::uint64_t rest = 0;
  for (const char digit : dividend.digits) {
    rest = rest * 10 + static_cast<std::uint64_t>(digit - '0');
    quotient.digits += static_cast<char>('0' + rest / divisor);
    rest %= divisor;
  }
  const std::uint64_t excess = quotient.scale - wanted;
  quotient.digits.resize(quotient.digits.size() - std::min(excess, quotient.digits.size()));
  quotient.scale = wanted;
  drop_leading_zeros(quotient.digits);
  return quotient.digits.empty() ? Decimal{} : quotient;
}

}  // namespace billing::naive
