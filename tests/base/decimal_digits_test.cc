#include "base/decimal_digits.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace billing {
namespace {

using Room = std::array<char, kDecimalRoomBytes>;

std::string decimal(std::uint64_t value) {
  Room room;
  return {room.data(), write_decimal(room.data(), value)};
}

std::string digits(std::uint64_t value, int count) {
  Room room;
  return {room.data(), write_digits(room.data(), value, count)};
}

std::string fixed_point(std::uint64_t units, int scale) {
  Room room;
  return {room.data(), write_fixed_point(room.data(), units, scale)};
}

/// The plain way: fill with zeros, then insert the point.
std::string expected_fixed_point(std::uint64_t units, int scale) {
  std::string text = std::to_string(units);
  const auto places = static_cast<std::size_t>(scale);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  if (scale > 0) text.insert(text.size() - places, ".");
  return text;
}

/// Numbers of every length.
std::uint64_t random_number(std::mt19937_64& random) { return random() >> (random() % 64); }

TEST(DecimalDigits, AroundEveryPowerOfTen) {
  for (const std::uint64_t power : kPowersOfTen) {
    for (const std::uint64_t value : {power - 1, power, power + 1}) {
      EXPECT_EQ(decimal(value), std::to_string(value));
    }
  }
}

TEST(DecimalDigits, TheLargestNumber) {
  EXPECT_EQ(decimal(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
}

TEST(DecimalDigits, RandomNumbersOfEveryLength) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random_number(random);
    ASSERT_EQ(decimal(value), std::to_string(value));
  }
}

TEST(DecimalDigits, AFixedCountKeepsLeadingZeros) {
  EXPECT_EQ(digits(0, 1), "0");
  EXPECT_EQ(digits(7, 3), "007");
  EXPECT_EQ(digits(12345678, 8), "12345678");
  EXPECT_EQ(digits(5, 9), "000000005");
  EXPECT_EQ(digits(100'000'001, 12), "000100000001");
  EXPECT_EQ(digits(9'999'999'999'999'999, 16), "9999999999999999");
}

TEST(DecimalDigits, FixedPointAtEveryScaleAndLength) {
  std::mt19937_64 random(2);
  for (int scale = 0; scale <= 12; ++scale) {
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t units = random_number(random);
      ASSERT_EQ(fixed_point(units, scale), expected_fixed_point(units, scale)) << scale;
    }
    for (const std::uint64_t power : kPowersOfTen) {
      EXPECT_EQ(fixed_point(power - 1, scale), expected_fixed_point(power - 1, scale));
      EXPECT_EQ(fixed_point(power, scale), expected_fixed_point(power, scale));
    }
  }
}

}  // namespace
}  // namespace billing
