// log2 and 2^y in fixed point: integer operations only.
//
// std::log2 and std::exp2 are not correctly rounded, so their last bit changes with the version of
// the C library, and a compiler may fuse a multiplication and an addition of doubles or not. Either
// can move a Zipf rank by one and change the bytes of a generated log. Integers cannot.
//
// Formats: Qn is an integer that stands for itself / 2^n. Errors are below 2^-54 (log2: absolute,
// 2^y: relative); tests/generate/zipf_ranks_test.cc holds them to that.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "generate/wide_integer.h"

namespace billing {

/// The fraction bits of logarithms: with seven integer bits, -64 fits into 64 bits.
inline constexpr int kLogFractionBits = 57;

namespace fixed_log2_detail {

inline constexpr int kTableBits = 8;
inline constexpr std::size_t kTableSize = std::size_t{1} << kTableBits;

inline constexpr std::uint64_t kLn2Q64 = 0xb17217f7d1cf79ab;
inline constexpr std::int64_t kLog2EQ62 = 0x5c551d94ae0bf85d;  // log2(e) = 1 / ln(2)

/// log2 of a mantissa (Q63, in [1, 2)) as Q62, one bit at a time: squaring doubles the logarithm,
/// and whether the square reaches 2 is the next bit. Slow; it makes the table.
constexpr std::int64_t log2_bit_by_bit(std::uint64_t mantissa_q63) {
  std::int64_t log_q62 = 0;
  for (int bit = 61; bit >= 0; --bit) {
    const Uint128 square_q126 = Uint128{mantissa_q63} * mantissa_q63;
    const bool reaches_two = (square_q126 >> 127) != 0;
    if (reaches_two) log_q62 |= std::int64_t{1} << bit;
    mantissa_q63 = static_cast<std::uint64_t>(square_q126 >> (reaches_two ? 64 : 63));
  }
  return log_q62;
}

/// 2^(i/256) as Q63, by the series of e^x. Slow; it makes the table.
constexpr std::uint64_t exp2_by_series(std::size_t i) {
  const std::uint64_t x_q64 = high_product(std::uint64_t{i} << (64 - kTableBits), kLn2Q64);
  std::uint64_t sum_q63 = std::uint64_t{1} << 63;
  std::uint64_t term_q63 = sum_q63;
  for (std::uint64_t k = 1; term_q63 != 0; ++k) {
    term_q63 = high_product(term_q63, x_q64) / k;
    sum_q63 += term_q63;
  }
  return sum_q63;
}

struct LogTableRow {
  std::uint64_t inverse_q64;  // 1 / (the middle of the row's interval of [1, 2))
  std::int64_t log_q62;       // log2 of 1 / inverse_q64
};

constexpr std::array<LogTableRow, kTableSize> make_log_table() {
  std::array<LogTableRow, kTableSize> table{};
  for (std::size_t i = 0; i < kTableSize; ++i) {
    const std::uint64_t middle_q9 = 2 * (kTableSize + i) + 1;
    const auto inverse_q64 = static_cast<std::uint64_t>((Uint128{1} << (64 + 9)) / middle_q9);
    // The inverse is in [1/2, 1); read as Q63 the same bits are in [1, 2), one more in log2.
    table[i] = {inverse_q64, (std::int64_t{1} << 62) - log2_bit_by_bit(inverse_q64)};
  }
  return table;
}

constexpr std::array<std::uint64_t, kTableSize> make_exp_table() {
  std::array<std::uint64_t, kTableSize> table{};
  for (std::size_t i = 0; i < kTableSize; ++i) table[i] = exp2_by_series(i);
  return table;
}

/// log2(1 + r) = (r - r^2/2 + r^3/3 - …) / ln(2): the factors as Q62, the first at 1.
inline constexpr auto kLogSeriesQ62 = [] {
  std::array<std::int64_t, 7> series{};
  for (std::size_t k = 1; k < series.size(); ++k) {
    series[k] = kLog2EQ62 / static_cast<std::int64_t>(k);
  }
  return series;
}();

inline constexpr auto kLogTable = make_log_table();
inline constexpr auto kExpTable = make_exp_table();

}  // namespace fixed_log2_detail

/// log2(x), x = `x_q64` / 2^64 > 0, as a signed Q57.
///
///   x_q64     0…0 1 iiiiiiii mmmmmm…      1iiiiiiii.. = mantissa in [1, 2), position of the 1 =
///   exponent
///                   table row             mantissa * the row's inverse = 1 + r, |r| <= 2^-9
inline std::int64_t fixed_log2(Uint128 x_q64) {
  using namespace fixed_log2_detail;
  const auto high = static_cast<std::uint64_t>(x_q64 >> 64);
  const int leading_zeros =
      high != 0 ? std::countl_zero(high) : 64 + std::countl_zero(static_cast<std::uint64_t>(x_q64));
  const auto mantissa_q63 = static_cast<std::uint64_t>((x_q64 << leading_zeros) >> 64);
  const LogTableRow& row = kLogTable[(mantissa_q63 >> (63 - kTableBits)) & (kTableSize - 1)];

  const Uint128 product_q127 = Uint128{mantissa_q63} * row.inverse_q64;
  const auto r_q64 = static_cast<std::int64_t>(
      static_cast<Int128>(product_q127 - (Uint128{1} << 127)) >> (127 - 64));

  std::int64_t sum_q62 = kLogSeriesQ62[6];
  sum_q62 = kLogSeriesQ62[5] - high_product(r_q64, sum_q62);
  sum_q62 = kLogSeriesQ62[4] - high_product(r_q64, sum_q62);
  sum_q62 = kLogSeriesQ62[3] - high_product(r_q64, sum_q62);
  sum_q62 = kLogSeriesQ62[2] - high_product(r_q64, sum_q62);
  sum_q62 = kLogSeriesQ62[1] - high_product(r_q64, sum_q62);
  const std::int64_t fraction_q62 = row.log_q62 + high_product(r_q64, sum_q62);

  const std::int64_t exponent = 63 - leading_zeros;
  return exponent * (std::int64_t{1} << kLogFractionBits) +
         (fraction_q62 >> (62 - kLogFractionBits));
}

/// 2^y, y = `y_q57` / 2^57 < 63, as an unsigned Q64; what is below 2^-64 becomes 0.
///
///   y_q57     nnnnnnn iiiiiiii tttttt…    2^y = 2^n * 2^(i/256) * e^(t * ln 2)
inline Uint128 fixed_exp2(std::int64_t y_q57) {
  using namespace fixed_log2_detail;
  const std::int64_t n = y_q57 >> kLogFractionBits;
  if (n < -64) return 0;
  const std::uint64_t fraction_q64 = static_cast<std::uint64_t>(y_q57) << (64 - kLogFractionBits);
  const std::uint64_t t_q64 = fraction_q64 & (~std::uint64_t{0} >> kTableBits);
  const std::uint64_t g_q64 = high_product(t_q64, kLn2Q64);

  // e^g = 1 + g + g^2/2! + … + g^5/5!, inside out
  constexpr std::uint64_t kOneQ63 = std::uint64_t{1} << 63;
  std::uint64_t sum_q63 = kOneQ63 / 120 + high_product(g_q64, kOneQ63 / 720);
  sum_q63 = kOneQ63 / 24 + high_product(g_q64, sum_q63);
  sum_q63 = kOneQ63 / 6 + high_product(g_q64, sum_q63);
  sum_q63 = kOneQ63 / 2 + high_product(g_q64, sum_q63);
  sum_q63 = kOneQ63 + high_product(g_q64, sum_q63);
  sum_q63 = kOneQ63 + high_product(g_q64, sum_q63);

  const std::uint64_t step_q63 = kExpTable[fraction_q64 >> (64 - kTableBits)];
  const Uint128 mantissa_q64 = (Uint128{step_q63} * sum_q63) >> (126 - 64);
  return n >= 0 ? mantissa_q64 << n : mantissa_q64 >> -n;
}

}  // namespace billing
