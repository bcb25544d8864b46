// Holds the integer arithmetic of the Zipf law against floating point of more precision.
#include "generate/zipf_ranks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "generate/counter_random.h"
#include "generate/fixed_log2.h"

namespace billing {
namespace {

const long double kTwoTo57 = std::ldexp(1.0L, 57);
const long double kTwoTo64 = std::ldexp(1.0L, 64);
constexpr std::uint64_t kLastWord = ~std::uint64_t{0};

std::uint64_t random_word(std::uint64_t i) { return CounterRandom(7).word(i, Purpose::user); }

TEST(FixedLog2, AgreesWithALongDoubleForNumbersOfEverySize) {
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const Uint128 x =
        (((Uint128{random_word(2 * i)} << 40) + random_word(2 * i + 1)) >> (i % 103)) | 1;
    const long double expected = std::log2(static_cast<long double>(x)) - 64;
    const long double actual = static_cast<long double>(fixed_log2(x)) / kTwoTo57;
    ASSERT_LT(std::abs(actual - expected), std::ldexp(1.0L, -54)) << "i = " << i;
  }
}

TEST(FixedLog2, IsExactForPowersOfTwo) {
  for (int exponent = -64; exponent < 63; ++exponent) {
    const std::int64_t log_q57 = fixed_log2(Uint128{1} << (64 + exponent));
    EXPECT_NEAR(static_cast<double>(log_q57 - exponent * (std::int64_t{1} << 57)), 0, 4);
  }
}

TEST(FixedExp2, AgreesWithALongDouble) {
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    const auto y_q57 = static_cast<std::int64_t>(random_word(i) >> 1);  // 0 <= y < 64
    if (y_q57 >= std::int64_t{63} << 57) continue;
    const long double expected = std::exp2(static_cast<long double>(y_q57) / kTwoTo57);
    const long double actual = static_cast<long double>(fixed_exp2(y_q57)) / kTwoTo64;
    ASSERT_LT(std::abs(actual / expected - 1), std::ldexp(1.0L, -54)) << "i = " << i;
  }
}

TEST(FixedExp2, BecomesZeroFarBelowOne) {
  EXPECT_EQ(fixed_exp2(-(std::int64_t{1} << 57)), Uint128{1} << 63);
  EXPECT_EQ(fixed_exp2(std::int64_t{-64} * (std::int64_t{1} << 57)), Uint128{1});
}

/// The integral of x^-S from 1 to `to`.
long double power_integral(long double to, long double exponent) {
  const long double a = 1 - exponent;
  return a == 0 ? std::log(to) : std::expm1(a * std::log(to)) / a;
}

TEST(ZipfRanks, ComeAsOftenAsTheIntegralOfThePowerLawSays) {
  constexpr std::uint64_t kUsers = 1000;
  constexpr std::uint64_t kDraws = 200'000;
  for (const double exponent : {0.25, 0.999, 0.999999, 1.0, 1.000001, 1.001, 1.2, 2.0, 5.0, 10.0}) {
    const ZipfRanks ranks(kUsers, exponent);
    std::vector<std::uint64_t> count_up_to(kUsers + 1);
    for (std::uint64_t i = 0; i < kDraws; ++i) ++count_up_to[ranks.rank(random_word(i))];
    for (std::size_t rank = 1; rank <= kUsers; ++rank) count_up_to[rank] += count_up_to[rank - 1];

    for (const std::uint64_t rank : {1, 2, 3, 5, 10, 30, 100, 300, 999, 1000}) {
      const long double share = power_integral(static_cast<long double>(rank + 1), exponent) /
                                power_integral(kUsers + 1, exponent);
      const long double sigma = std::sqrt(kDraws * share * (1 - share));
      EXPECT_LE(std::abs(static_cast<long double>(count_up_to[rank]) - kDraws * share),
                5 * sigma + 1)
          << "S = " << exponent << ", ranks up to " << rank;
    }
  }
}

TEST(ZipfRanks, AreThoseThatALongDoubleGivesExceptAtTheEdgeOfARank) {
  constexpr std::uint64_t kUsers = 1'000'000;
  for (const double exponent : {0.25, 0.5, 1.0, 1.2, 2.0}) {
    const ZipfRanks ranks(kUsers, exponent);
    const long double a = 1 - static_cast<long double>(exponent);
    const long double log_range = std::log(kUsers + 1.0L);
    for (std::uint64_t i = 0; i < 20'000; ++i) {
      const std::uint64_t word = random_word(i);
      // Above S = 1, a large word means a large power and so a small rank.
      const long double u =
          static_cast<long double>(exponent > 1 ? kLastWord - word : word) / kTwoTo64;
      const long double x = a == 0 ? std::exp(u * log_range)
                                   : std::exp(std::log1p(u * std::expm1(a * log_range)) / a);
      if (std::abs(x - std::round(x)) < 1e-5L) continue;
      ASSERT_EQ(ranks.rank(word), static_cast<std::uint64_t>(x)) << "S = " << exponent << ", " << i;
    }
  }
}

TEST(ZipfRanks, StayWithinTheUsersForTheFirstAndTheLastWord) {
  for (const std::uint64_t users :
       {std::uint64_t{1}, std::uint64_t{2}, std::uint64_t{1'000'000}, ZipfRanks::kMaxUsers}) {
    for (const double exponent : {0.0, 0.000001, 0.5, 0.999999, 1.0, 1.000001, 1.5, 10.0}) {
      const ZipfRanks ranks(users, exponent);
      for (const std::uint64_t word : {std::uint64_t{0}, std::uint64_t{1}, kLastWord}) {
        EXPECT_GE(ranks.rank(word), 1U) << users << " users, S = " << exponent;
        EXPECT_LE(ranks.rank(word), users) << users << " users, S = " << exponent;
      }
    }
  }
}

TEST(ZipfRanks, AreAlwaysOneForOneUser) {
  for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_EQ(ZipfRanks(1, 1.2).rank(random_word(i)), 1U);
}

TEST(ZipfRanks, RefuseUsersAndExponentsOutsideTheirLimits) {
  EXPECT_THROW(ZipfRanks(0, 1), std::invalid_argument);
  EXPECT_THROW(ZipfRanks(ZipfRanks::kMaxUsers + 1, 1), std::invalid_argument);
  EXPECT_THROW(ZipfRanks(10, -0.1), std::invalid_argument);
  EXPECT_THROW(ZipfRanks(10, 10.1), std::invalid_argument);
  EXPECT_THROW(ZipfRanks(10, std::nan("")), std::invalid_argument);
}

}  // namespace
}  // namespace billing
