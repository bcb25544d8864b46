#include "mapping/quantity_reader.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

/// 10^power, power <= 38.
Uint128 power_of_ten(int power) {
  Uint128 result = 1;
  for (int i = 0; i < power; ++i) result *= 10;
  return result;
}

[[noreturn]] void fail_for(std::string_view unit, const std::string& run_unit) {
  throw Error(ErrorKind::configuration,
              find_unit(unit) == nullptr && unit != "auto"
                  ? "unknown unit " + quoted_text(unit) +
                        " of a quantity; there are ns us ms s min h, B kB MB GB KiB MiB GiB, auto, "
                        "and what \1unit says, " +
                        quoted_text(run_unit)
                  : "a quantity in " + quoted_text(unit) + " cannot be converted to " +
                        quoted_text(run_unit) + ", the run's unit; set \1unit to a unit of " +
                        (is_size_unit(unit)   ? "size, such as GB"
                         : is_time_unit(unit) ? "time, such as ms"
                                              : "time or size, such as ms or GB"));
}

bool is_letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || static_cast<unsigned char>(c) >= 0x80;
}

void drop_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

bool has_sign(std::string_view text) {
  return !text.empty() && (text.front() == '-' || text.front() == '+');
}

/// Divides by 10^power, with the twos that it shares with the numerator taken out of both. False
/// where the denominator is 2^127 or more.
bool divide_by_power_of_ten(int power, Uint128& numerator, Uint128& denominator) {
  constexpr Uint128 kLargest = (Uint128{1} << 127) - 1;
  int twos = power;
  for (; twos > 0 && numerator % 2 == 0; --twos) numerator /= 2;
  for (int i = 0; i < power; ++i) {
    const Uint128 factor = i < twos ? 10 : 5;
    if (denominator > kLargest / factor) return false;
    denominator *= factor;
  }
  return true;
}

/// rest / denominator in units of 10^-digits, cut off. rest < denominator < 2^127.
Uint128 fraction_of(Uint128 rest, Uint128 denominator, int digits) {
  constexpr int kStepDigits = 9;
  constexpr std::uint64_t kStep = 1'000'000'000;
  constexpr int kStepBits = 98;  // times kStep they fit into 128
  Uint128 fraction = 0;
  if (denominator >> kStepBits == 0) {
    for (; digits >= kStepDigits; digits -= kStepDigits) {
      rest *= kStep;
      fraction = fraction * kStep + rest / denominator;
      rest %= denominator;
    }
  }
  for (; digits > 0; --digits) {
    // Ten times the rest may have more than 128 bits; twice never has.
    Uint128 tenfold = 0;
    unsigned digit = 0;
    for (int i = 0; i < 10; ++i) {
      tenfold += rest;
      if (tenfold < denominator) continue;
      tenfold -= denominator;
      ++digit;
    }
    fraction = fraction * 10 + digit;
    rest = tenfold;
  }
  return fraction;
}

/// `rounded` and `exact` are magnitudes beyond those digits that both have, in 10^-kRoundingDigits.
void add_rounding(QuantityRounding& rounding, bool is_negative, Uint128 rounded, Uint128 exact) {
  const Int128 by = static_cast<Int128>(rounded) - static_cast<Int128>(exact);
  ++rounding.count;
  rounding.by += is_negative ? -by : by;
}

}  // namespace

QuantityReader::QuantityReader(std::string_view unit, const QuantityRules& rules,
                               ExcessDigits excess, QuantityNotation notation)
    : point_(notation.decimal_comma ? ',' : '.'),
      is_signed_(rules.negative),
      has_words_(unit == "auto" && rules.unit != "auto"),
      excess_(excess),
      notation_(notation),
      digits_(rules.digits) {
  const QuantityUnit* const run_unit = find_unit(rules.unit);
  if (run_unit != nullptr) {
    kind_ = run_unit->kind;
    run_scale_ = {run_unit->cofactor, run_unit->power10};
  }
  scale_ = run_scale_;
  if (unit.empty() || unit == rules.unit) {
    set_multipliers();
    return;
  }
  const QuantityUnit* const text_unit = has_words_ ? run_unit : find_unit(unit);
  if (run_unit == nullptr || text_unit == nullptr || text_unit->kind != kind_) {
    fail_for(unit, rules.unit);
  }
  scale_ = {text_unit->cofactor, text_unit->power10};
  if (!has_words_) set_multipliers();
}

void QuantityReader::set_multipliers() {
  int power = scale_.power10 + digits_ - run_scale_.power10;
  for (std::uint64_t& multiplier : multipliers_) {
    const Uint128 dividend = scale_.cofactor * power_of_ten(std::max(power, 0));
    const Uint128 divisor = run_scale_.cofactor * power_of_ten(std::max(-power, 0));
    if (dividend % divisor == 0 && dividend / divisor <= Uint128{kMaxQuantity})
      multiplier = static_cast<std::uint64_t>(dividend / divisor);
    --power;
  }
}

/// As read_short(), of up to 18 digits and point: as many as 64 bits hold for certain.
bool QuantityReader::read_medium(std::string_view text, std::int64_t& quantity) const {
  if (text.size() - 1 > 17) return false;
  std::uint64_t mantissa = 0;
  std::size_t fraction_digits = 0;
  std::size_t points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (static_cast<unsigned char>(c - '0') <= 9) {
      mantissa = mantissa * 10 + (c - static_cast<unsigned>('0'));
    } else if (c == point_ && i + 1 < text.size()) {
      fraction_digits = text.size() - 1 - i;
      ++points;
    } else {
      return false;
    }
  }
  const std::uint64_t multiplier = multipliers_[fraction_digits];
  std::uint64_t product = 0;
  if (points > 1 || multiplier == 0 || __builtin_mul_overflow(mantissa, multiplier, &product))
    return false;
  quantity = static_cast<std::int64_t>(product);
  return product <= std::uint64_t{kMaxQuantity};
}

QuantityReader::Result QuantityReader::read_careful(std::string_view text, std::int64_t& quantity,
                                                    QuantityRounding* rounding) const {
  if (has_words_) return read_with_words(text, quantity, rounding);
  if (read_medium(text, quantity)) return Result::good;
  WrittenDecimal number;
  if (!take_decimal(text, notation_, number) || !text.empty()) return Result::bad;
  if (number.is_negative && !is_signed_) return Result::bad;
  return settle(number, scale_, quantity, rounding);
}

/// One number and its word, off the front.
bool QuantityReader::take_with_word(std::string_view& text, WrittenDecimal& number,
                                    Scale& scale) const {
  // A leading + is read where exponents are, which would hide the beginning of a word.
  if (notation_.has_exponents && text.starts_with('+')) text.remove_prefix(1);
  const QuantityNotation notation{.has_exponents = false, .decimal_comma = notation_.decimal_comma};
  if (!take_decimal(text, notation, number) || (number.is_negative && !is_signed_)) return false;
  drop_spaces(text);
  const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
  const auto length = static_cast<std::size_t>(end - text.begin());
  const QuantityUnit* const unit = find_unit_word(text.substr(0, length));
  text.remove_prefix(length);
  if (unit == nullptr || unit->kind != kind_) return false;
  scale = {unit->cofactor, unit->power10};
  return true;
}

QuantityReader::Result QuantityReader::read_with_words(std::string_view text,
                                                       std::int64_t& quantity,
                                                       QuantityRounding* rounding) const {
  std::string_view rest = text;
  WrittenDecimal number;
  Scale scale;
  if (!take_with_word(rest, number, scale)) return Result::bad;
  if (rest.empty()) return settle(number, scale, quantity, rounding);
  ExactDecimal sum;
  return read_exact(text, sum) ? finish(sum, quantity, rounding) : Result::bad;
}

/// What follows a first number and its word: the same, without signs.
bool QuantityReader::take_more_with_words(std::string_view text, ExactDecimal& sum) const {
  while (!text.empty()) {
    drop_spaces(text);
    WrittenDecimal number;
    Scale scale;
    if (has_sign(text) || !take_with_word(text, number, scale) || number.is_cut) return false;
    ExactDecimal part = {static_cast<Int128>(number.mantissa), number.exponent10 + scale.power10};
    if (!part.multiply(scale.cofactor) || !sum.add(part)) return false;
  }
  return true;
}

bool QuantityReader::read_exact(std::string_view text, ExactDecimal& number) const {
  WrittenDecimal written;
  Scale scale = scale_;
  if (has_words_) {
    if (!take_with_word(text, written, scale)) return false;
  } else if (!take_decimal(text, notation_, written) || !text.empty()) {
    return false;
  }
  if (written.is_cut || (written.is_negative && !is_signed_)) return false;
  number = {static_cast<Int128>(written.mantissa), written.exponent10 + scale.power10};
  if (!number.multiply(scale.cofactor) || !take_more_with_words(text, number)) return false;
  if (written.is_negative) number.negate();
  return true;
}

QuantityReader::Result QuantityReader::finish(const ExactDecimal& number, std::int64_t& quantity,
                                              QuantityRounding* rounding) const {
  if (number.mantissa < 0 && !is_signed_) return Result::bad;
  return settle({number.mantissa < 0, magnitude(number.mantissa), number.exponent10, false}, {},
                quantity, rounding);
}

/// Of a number so small that it is rounded to 0, in 10^-kRoundingDigits. `power` is that of its
/// mantissa in 10^-digits_.
Uint128 QuantityReader::cut_fraction(Uint128 mantissa, Scale scale, int power) const {
  power += kRoundingDigits - digits_;
  const std::uint64_t common = std::gcd(scale.cofactor, run_scale_.cofactor);
  Uint128 numerator = scale.cofactor / common;
  Uint128 denominator = run_scale_.cofactor / common;
  Uint128 product = 0;
  // Either way it is less than one: a mantissa has at most kExactDigits digits.
  if (!divide_by_power_of_ten(std::max(-power, 0), numerator, denominator) ||
      __builtin_mul_overflow(mantissa, numerator, &product))
    return 0;
  return product / denominator;
}

/// number * scale / run_scale_ in 10^-digits_, as a quotient of 128-bit integers:
///
///     mantissa * numerator / denominator
///
/// with what numerator and denominator share taken out. Either the powers of ten are in the
/// numerator; then the denominator is a cofactor, at most 2^30, and a product beyond 128 bits is
/// beyond any quantity. Or they are in the denominator; then the numerator is at most 9, or has
/// twos left because there are fewer of them in the denominator than in a cofactor, and then the
/// denominator is less than 5^30 and the same holds. A denominator of 2^127 makes less than a
/// half of every mantissa.
QuantityReader::Result QuantityReader::settle(const WrittenDecimal& number, Scale scale,
                                              std::int64_t& quantity,
                                              QuantityRounding* rounding) const {
  constexpr int kTooLarge = 25;  // 10^25 / 2^30 is beyond any quantity
  quantity = 0;
  if (number.mantissa == 0) return Result::good;
  const int power = number.exponent10 + scale.power10 + digits_ - run_scale_.power10;
  if (power >= kTooLarge) return Result::bad;
  const std::uint64_t common = std::gcd(scale.cofactor, run_scale_.cofactor);
  Uint128 numerator = scale.cofactor / common * power_of_ten(std::max(power, 0));
  Uint128 denominator = run_scale_.cofactor / common;
  Uint128 product = 0;
  if (!divide_by_power_of_ten(std::max(-power, 0), numerator, denominator)) {
    if (excess_ == ExcessDigits::reject) return Result::excess;
    if (rounding != nullptr) {
      const Uint128 cut = cut_fraction(number.mantissa, scale, power);
      add_rounding(*rounding, number.is_negative, 0, cut);
    }
    return Result::good;
  }
  if (__builtin_mul_overflow(number.mantissa, numerator, &product)) return Result::bad;
  Uint128 magnitude = product / denominator;
  const Uint128 rest = product % denominator;
  if (magnitude > Uint128{kMaxQuantity}) return Result::bad;
  if (rest != 0 || number.is_cut) {
    if (excess_ == ExcessDigits::reject) return Result::excess;
    const Uint128 to_next = denominator - rest;
    const bool is_half = rest == to_next;
    const bool is_up = rest > to_next || (is_half && (number.is_cut || magnitude % 2 != 0));
    if (is_up) ++magnitude;
    if (magnitude > Uint128{kMaxQuantity}) return Result::bad;
    if (rounding != nullptr) {
      const int places = kRoundingDigits - digits_;
      add_rounding(*rounding, number.is_negative, is_up ? power_of_ten(places) : 0,
                   fraction_of(rest, denominator, places));
    }
  }
  quantity = static_cast<std::int64_t>(magnitude);
  if (number.is_negative) quantity = -quantity;
  return Result::good;
}

}  // namespace billing
