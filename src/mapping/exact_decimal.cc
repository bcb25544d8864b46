#include "mapping/exact_decimal.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "base/ascii_digit.h"

namespace billing {
namespace {

std::size_t count_digits(std::string_view text) {
  return static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) -
                                  text.begin());
}

/// mantissa * 10^power; false beyond kExactLimit.
bool scale_up(Int128& mantissa, int power) {
  if (mantissa == 0) return true;
  if (power >= kExactDigits) return false;
  const bool is_negative = mantissa < 0;
  Uint128 scaled = magnitude(mantissa);
  for (int i = 0; i < power; ++i) {
    scaled *= 10;
    if (scaled >= kExactLimit) return false;
  }
  mantissa = is_negative ? -static_cast<Int128>(scaled) : static_cast<Int128>(scaled);
  return true;
}

void drop_trailing_zeros(ExactDecimal& number) {
  if (number.mantissa == 0) {
    number.exponent10 = 0;
    return;
  }
  while (number.mantissa % 10 == 0) {
    number.mantissa /= 10;
    ++number.exponent10;
  }
}

/// Collects digits from the first that is not 0 on, and zeros only once another digit follows.
class DigitCollector {
 public:
  explicit DigitCollector(WrittenDecimal& number) : number_(number) {}

  void add(std::string_view digits, bool is_fraction) {
    for (const char c : digits) {
      if (is_fraction) --number_.exponent10;
      if (c == '0') {
        ++zeros_;
      } else {
        add_digit(c);
      }
    }
  }

  /// What is left of zeros at the end belongs to the exponent.
  void finish() {
    if (number_.mantissa == 0) {
      number_.exponent10 = 0;
    } else {
      number_.exponent10 += zeros_ + dropped_;
    }
  }

 private:
  void add_digit(char c) {
    if (number_.mantissa == 0) zeros_ = 0;  // they lead
    for (; zeros_ > 0; --zeros_) append(0);
    append(c - '0');
  }

  void append(int digit) {
    if (used_ == kExactDigits) {
      ++dropped_;
      number_.is_cut = number_.is_cut || digit != 0;
      return;
    }
    number_.mantissa = number_.mantissa * 10 + static_cast<unsigned>(digit);
    ++used_;
  }

  WrittenDecimal& number_;
  int used_ = 0;
  int zeros_ = 0;
  int dropped_ = 0;
};

/// The digits before the point: with a decimal comma also groups, `1.234.567`, which are taken
/// while exactly three digits follow a point.
bool take_whole(std::string_view& text, bool has_groups, DigitCollector& digits) {
  std::size_t count = count_digits(text);
  digits.add(text.substr(0, count), false);
  text.remove_prefix(count);
  if (!has_groups || text.empty() || text.front() != '.') return true;
  if (count == 0 || count > 3) return false;
  while (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    count = count_digits(text);
    if (count != 3) return false;
    digits.add(text.substr(0, count), false);
    text.remove_prefix(count);
  }
  return true;
}

/// `e`, a sign or none, 1 to 3 digits.
bool take_exponent(std::string_view& text, int& exponent) {
  exponent = 0;
  if (text.empty() || (text.front() != 'e' && text.front() != 'E')) return true;
  text.remove_prefix(1);
  const bool is_negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  const std::size_t count = count_digits(text);
  if (count < 1 || count > 3) return false;
  for (const char c : text.substr(0, count)) exponent = exponent * 10 + (c - '0');
  if (is_negative) exponent = -exponent;
  text.remove_prefix(count);
  return true;
}

}  // namespace

bool ExactDecimal::add(const ExactDecimal& other) {
  ExactDecimal left = *this;
  ExactDecimal right = other;
  drop_trailing_zeros(left);
  drop_trailing_zeros(right);
  if (left.mantissa == 0) left.exponent10 = right.exponent10;
  if (right.mantissa == 0) right.exponent10 = left.exponent10;
  const int lower = std::min(left.exponent10, right.exponent10);
  if (!scale_up(left.mantissa, left.exponent10 - lower) ||
      !scale_up(right.mantissa, right.exponent10 - lower)) {
    return false;
  }
  ExactDecimal sum = {left.mantissa + right.mantissa, lower};
  drop_trailing_zeros(sum);
  if (magnitude(sum.mantissa) >= kExactLimit) return false;
  *this = sum;
  return true;
}

bool ExactDecimal::multiply(std::uint64_t factor) {
  ExactDecimal left = *this;
  drop_trailing_zeros(left);
  // A five of one with a two of the other makes a zero at the end, which is no digit of the
  // product.
  for (const auto& [mine, others] : {std::pair(2, 5U), std::pair(5, 2U)}) {
    while (left.mantissa != 0 && left.mantissa % mine == 0 && factor % others == 0) {
      left.mantissa /= mine;
      factor /= others;
      ++left.exponent10;
    }
  }
  Uint128 product = 0;
  if (__builtin_mul_overflow(magnitude(left.mantissa), Uint128{factor}, &product) ||
      product >= kExactLimit) {
    return false;
  }
  const auto mantissa_of_product = static_cast<Int128>(product);
  *this = {left.mantissa < 0 ? -mantissa_of_product : mantissa_of_product, left.exponent10};
  return true;
}

bool take_decimal(std::string_view& text, QuantityNotation notation, WrittenDecimal& number) {
  number = {};
  if (!text.empty() && (text.front() == '-' || (text.front() == '+' && notation.has_exponents))) {
    number.is_negative = text.front() == '-';
    text.remove_prefix(1);
  }
  const std::size_t before = text.size();
  DigitCollector digits(number);
  if (!take_whole(text, notation.decimal_comma, digits)) return false;
  bool has_digits = text.size() != before;
  if (!text.empty() && text.front() == (notation.decimal_comma ? ',' : '.')) {
    text.remove_prefix(1);
    const std::size_t count = count_digits(text);
    if (count == 0) return false;
    has_digits = true;
    digits.add(text.substr(0, count), true);
    text.remove_prefix(count);
  }
  digits.finish();
  int exponent = 0;
  if (!has_digits || (notation.has_exponents && !take_exponent(text, exponent))) return false;
  number.exponent10 += number.mantissa == 0 ? 0 : exponent;
  return true;
}

}  // namespace billing
