#pragma once

// Integers to decimal digits, written straight to memory: what a statement line is made of. Eight
// digits at a time and without branches on their number, because the lengths of amounts in a
// statement vary from line to line and a mispredicted branch costs more than eight digits.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace billing {

/// Bytes that must be writable from `to` on for every function below: the longest number and what
/// is scribbled behind it.
inline constexpr std::size_t kDecimalRoomBytes = 40;

/// 10^0 .. 10^19: all that 64 bits hold.
inline constexpr auto kPowersOfTen = [] {
  std::array<std::uint64_t, 20> powers{};
  std::uint64_t power = 1;
  for (std::uint64_t& place : powers) {
    place = power;
    power *= 10;
  }
  return powers;
}();

namespace decimal_digits_detail {

inline constexpr std::uint64_t kEightDigits = 100'000'000;
inline constexpr std::uint64_t kAsciiZeros = 0x3030303030303030;

static_assert(std::endian::native == std::endian::little,
              "the first digit stands in the lowest byte");

/// The eight digits of value < 10^8 as bytes 0..9, the first digit in the lowest byte. Each step
/// cuts all lanes in two; multiply and shift stand for the division by 100 and by 10.
///
///   12345678      one number
///   [1234][5678]  32-bit lanes, the first one lowest
///   [12][34][56][78]
///   [1][2][3][4][5][6][7][8]
inline std::uint64_t eight_digits(std::uint64_t value) {
  const std::uint64_t fours = value / 10'000 | (value % 10'000) << 32;
  const std::uint64_t high_twos = ((fours * 10'486) >> 20) & 0x0000007f0000007f;
  const std::uint64_t twos = high_twos | (fours - 100 * high_twos) << 16;
  const std::uint64_t high_ones = ((twos * 103) >> 10) & 0x000f000f000f000f;
  return high_ones | (twos - 10 * high_ones) << 8;
}

inline void store_digits(char* to, std::uint64_t digits) {
  digits |= kAsciiZeros;
  std::memcpy(to, &digits, sizeof digits);
}

/// Leading zeros of eight digits, but at most `limit` < 8.
inline int leading_zeros(std::uint64_t digits, int limit) {
  return std::countr_zero(digits | std::uint64_t{1} << (8 * limit)) / 8;
}

}  // namespace decimal_digits_detail

/// Writes value < 10^count with exactly `count` digits, 1..16, and returns the end.
inline char* write_digits(char* to, std::uint64_t value, int count) {
  using namespace decimal_digits_detail;
  if (count > 8) {
    to = write_digits(to, value / kEightDigits, count - 8);
    store_digits(to, eight_digits(value % kEightDigits));
    return to + 8;
  }
  store_digits(to, eight_digits(value) >> (8 * (8 - count)));
  return to + count;
}

/// Writes value without leading zeros and returns the end.
inline char* write_decimal(char* to, std::uint64_t value) {
  using namespace decimal_digits_detail;
  if (value >= kEightDigits) {
    to = write_decimal(to, value / kEightDigits);
    return write_digits(to, value % kEightDigits, 8);
  }
  const std::uint64_t digits = eight_digits(value);
  const int zeros = leading_zeros(digits, 7);
  store_digits(to, digits >> (8 * zeros));
  return to + 8 - zeros;
}

/// Writes `units` of 10^-scale, scale 0..12, with exactly `scale` digits after the point (none, and
/// no point, at scale 0) and returns the end.
inline char* write_fixed_point(char* to, std::uint64_t units, int scale) {
  using namespace decimal_digits_detail;
  if (scale == 0) return write_decimal(to, units);
  if (units < kEightDigits && scale < 8) {
    const std::uint64_t digits = eight_digits(units);
    const int zeros = leading_zeros(digits, 7 - scale);
    store_digits(to, digits >> (8 * zeros));
    to += 8 - scale - zeros;
    *to++ = '.';
    store_digits(to, digits >> (8 * (8 - scale)));
    return to + scale;
  }
  const std::uint64_t one = kPowersOfTen[static_cast<std::size_t>(scale)];
  to = write_decimal(to, units / one);
  *to++ = '.';
  return write_digits(to, units % one, scale);
}

}  // namespace billing
