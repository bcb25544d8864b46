#pragma once

// Quantities as logs write them -> integers of 10^-digits of the run's unit, exactly.

#include <array>
#include <cstdint>
#include <string_view>

#include "billing/quantity.h"
#include "billing/record_format.h"
#include "mapping/digit_word.h"
#include "mapping/exact_decimal.h"
#include "mapping/quantity_unit.h"

namespace billing {

/// Immutable after construction; may be used by any number of threads.
class QuantityReader {
 public:
  enum class Result : std::uint8_t {
    good,
    bad,     ///< no number, or none that a quantity can be
    excess,  ///< more digits than are kept
  };

  /// `unit`: that of the text. Empty: the run's own, which `rules` has; `auto`: the text has it, as
  /// `260.4ms` or `1h 3m`. Throws Error(configuration) for units that are unknown or do not convert
  /// into the run's.
  QuantityReader(std::string_view unit, const QuantityRules& rules, ExcessDigits excess,
                 QuantityNotation notation);

  /// Where the result is not good, `quantity` may be anything. Reads no byte but those of the text.
  /// Of a good result what was rounded is added to `rounding`, unless it is null.
  Result read(std::string_view text, std::int64_t& quantity,
              QuantityRounding* rounding = nullptr) const {
    if (text.size() - 1 < 8 && read_short(text, quantity)) [[likely]]
      return Result::good;
    return read_careful(text, quantity, rounding);
  }

  /// As read(), of a text of 1 to 8 bytes that is not read by itself: these are the last of `word`,
  /// XOR '0', the first character lowest, and zeros before them. False for texts that are left to
  /// read().
  bool read_word(std::uint64_t word, std::int64_t& quantity) const;

  /// For sums and differences: the number in units that all readers of a run have in common, before
  /// digits and bounds are looked at. False for texts that are no number, and for numbers of more
  /// than kExactDigits digits.
  bool read_exact(std::string_view text, ExactDecimal& number) const;

  /// What a sum of such numbers comes to. Readers of the same rules give the same.
  Result finish(const ExactDecimal& number, std::int64_t& quantity,
                QuantityRounding* rounding = nullptr) const;

 private:
  /// cofactor * 10^power10 of the smallest unit of its kind, or of a unit that has no kind.
  struct Scale {
    std::uint64_t cofactor = 1;
    int power10 = 0;
  };

  bool read_short(std::string_view text, std::int64_t& quantity) const;
  bool read_medium(std::string_view text, std::int64_t& quantity) const;
  Result read_careful(std::string_view text, std::int64_t& quantity,
                      QuantityRounding* rounding) const;
  Result read_with_words(std::string_view text, std::int64_t& quantity,
                         QuantityRounding* rounding) const;
  bool take_with_word(std::string_view& text, WrittenDecimal& number, Scale& scale) const;
  bool take_more_with_words(std::string_view text, ExactDecimal& sum) const;
  Result settle(const WrittenDecimal& number, Scale scale, std::int64_t& quantity,
                QuantityRounding* rounding) const;
  Uint128 cut_fraction(Uint128 mantissa, Scale scale, int power) const;
  void set_multipliers();

  /// What a number of so many fraction digits, taken without its point, is multiplied by; 0 where
  /// that is no integer, or more than any quantity.
  std::array<std::uint64_t, 18> multipliers_{};
  unsigned char point_;
  bool is_signed_;
  bool has_words_;
  ExcessDigits excess_;
  QuantityNotation notation_;
  UnitKind kind_ = UnitKind::time;  ///< of words
  Scale scale_;                     ///< of the text's numbers
  Scale run_scale_;
  int digits_;
};

inline bool QuantityReader::read_short(std::string_view text, std::int64_t& quantity) const {
  using namespace digit_word;
  return read_word((load_short(text) ^ kZeros) << (8 * (8 - text.size())), quantity);
}

/// 1 to 8 digits, or up to 7 with a point between or before them.
///
///     0 . 2 6 0           loaded, the first character lowest
///     _ _ _ 0 . 2 6 0     moved up, so that the last digit is the highest byte
///     _ _ _ _ 0 2 6 0     what is below the point moved into its place: eight digits
inline bool QuantityReader::read_word(std::uint64_t word, std::int64_t& quantity) const {
  using namespace digit_word;
  std::uint64_t digits = word;
  const std::uint64_t others = not_digits(digits);
  std::size_t fraction_digits = 0;
  if (others != 0) {
    const auto place = static_cast<unsigned>(std::countr_zero(others)) / 8;
    const std::uint64_t below = (std::uint64_t{1} << (8 * place)) - 1;
    if ((others & (others - 1)) != 0 || place == 7 ||
        (digits >> (8 * place) & 0xFF) != (point_ ^ '0'))
      return false;
    fraction_digits = 7 - place;
    digits = (digits & ~below & ~(std::uint64_t{0xFF} << (8 * place))) | (digits & below) << 8;
  }
  const std::uint64_t multiplier = multipliers_[fraction_digits];
  std::uint64_t product = 0;
  const bool is_beyond =
      __builtin_mul_overflow(std::uint64_t{number_of(digits)}, multiplier, &product);
  quantity = static_cast<std::int64_t>(product);
  return multiplier != 0 && !is_beyond && product <= std::uint64_t{kMaxQuantity};
}

}  // namespace billing
