#include "select/decimal_order.h"

#include <cstddef>

#include "base/ascii_digit.h"

namespace billing {
namespace {

/// What takes a number off its text.
class DecimalScanner {
 public:
  DecimalScanner(std::string_view text, QuantityNotation notation)
      : text_(text), notation_(notation), point_(notation.decimal_comma ? ',' : '.') {}

  std::optional<DecimalText> scan() {
    const bool is_negative = next() == '-';
    if (is_negative || (next() == '+' && notation_.has_exponents)) ++at_;
    if (!scan_whole() || !scan_fraction()) return std::nullopt;
    const std::size_t end = at_;
    std::int64_t exponent = 0;
    if (whole_digits_ + fraction_digits_ == 0 || !scan_exponent(exponent) || at_ != text_.size())
      return std::nullopt;
    if (first_ == std::string_view::npos) return DecimalText{};
    return DecimalText{is_negative, text_.substr(first_, end - first_),
                       whole_digits_ - 1 - zeros_ + exponent};
  }

 private:
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  std::int64_t take_digits() {
    const std::size_t begin = at_;
    for (; is_digit(next()); ++at_) {
      if (first_ != std::string_view::npos) continue;
      if (text_[at_] == '0') {
        ++zeros_;
      } else {
        first_ = at_;
      }
    }
    return static_cast<std::int64_t>(at_ - begin);
  }

  /// With decimal commas a point stands only between groups of three digits.
  bool scan_whole() {
    whole_digits_ = take_digits();
    if (!notation_.decimal_comma || next() != '.') return true;
    if (whole_digits_ == 0 || whole_digits_ > 3) return false;
    while (next() == '.') {
      ++at_;
      if (take_digits() != 3) return false;
      whole_digits_ += 3;
    }
    return true;
  }

  bool scan_fraction() {
    if (next() != point_) return true;
    ++at_;
    fraction_digits_ = take_digits();
    return fraction_digits_ > 0;
  }

  bool scan_exponent(std::int64_t& exponent) {
    if (!notation_.has_exponents || (next() != 'e' && next() != 'E')) return true;
    ++at_;
    const bool is_negative = next() == '-';
    if (is_negative || next() == '+') ++at_;
    const std::size_t begin = at_;
    for (; is_digit(next()) && at_ < begin + 3; ++at_) exponent = exponent * 10 + (next() - '0');
    if (is_negative) exponent = -exponent;
    return at_ > begin;
  }

  std::string_view text_;
  QuantityNotation notation_;
  char point_;
  std::size_t at_ = 0;
  std::size_t first_ = std::string_view::npos;  ///< the first digit that is not 0
  std::int64_t zeros_ = 0;                      ///< digits before it
  std::int64_t whole_digits_ = 0;
  std::int64_t fraction_digits_ = 0;
};

/// Behind the last digit there are only zeros.
char take_digit(std::string_view& digits) {
  while (!digits.empty() && !is_digit(digits.front())) digits.remove_prefix(1);
  if (digits.empty()) return '0';
  const char digit = digits.front();
  digits.remove_prefix(1);
  return digit;
}

std::strong_ordering compare_magnitudes(const DecimalText& a, const DecimalText& b) {
  if (a.digits.empty() || b.digits.empty()) return a.digits.size() <=> b.digits.size();
  if (a.power10 != b.power10) return a.power10 <=> b.power10;
  std::string_view of_a = a.digits;
  std::string_view of_b = b.digits;
  while (!of_a.empty() || !of_b.empty()) {
    const char digit_a = take_digit(of_a);
    const char digit_b = take_digit(of_b);
    if (digit_a != digit_b) return digit_a <=> digit_b;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::optional<DecimalText> read_decimal_text(std::string_view text, QuantityNotation notation) {
  return DecimalScanner(text, notation).scan();
}

std::strong_ordering operator<=>(const DecimalText& a, const DecimalText& b) {
  if (a.is_negative != b.is_negative) return b.is_negative <=> a.is_negative;
  return a.is_negative ? compare_magnitudes(b, a) : compare_magnitudes(a, b);
}

}  // namespace billing
