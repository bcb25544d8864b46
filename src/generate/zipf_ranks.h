// Random ranks 1..U whose frequency falls like 1 / rank^S, in constant memory and time.
#pragma once

#include <cstdint>

#include "generate/wide_integer.h"

namespace billing {

/// Ranks by inverting a continuous power law (the bounded Pareto distribution): x in [1, U + 1) has
/// a density proportional to x^-S, and the rank is floor(x). So
///
///     P(rank = k) = ∫_k^(k+1) x^-S dx / ∫_1^(U+1) x^-S dx,
///
/// which is Zipf's law from a few ranks on; at the very head it is flatter than k^-S itself (S = 1:
/// rank 1 comes 1.7 times as often as rank 2, not twice), in exchange for no table of U numbers.
/// Integers only: the same rank for the same word on every machine (see fixed_log2.h).
///
/// Immutable; any number of threads may share one.
class ZipfRanks {
 public:
  static constexpr std::uint64_t kMaxUsers = 1'000'000'000'000;
  static constexpr double kMaxExponent = 10;

  /// `users` in 1..kMaxUsers; `exponent` (S) in 0..kMaxExponent, rounded to a millionth.
  /// Throws std::invalid_argument otherwise.
  ZipfRanks(std::uint64_t users, double exponent);

  /// The rank, 1..users, for a uniform random word.
  std::uint64_t rank(std::uint64_t word) const;

 private:
  // With a = 1 - S, inversion gives x = power^(1/a), where the power is uniform between 1 and
  // (U+1)^a. For S = 1 the logarithm of x itself is uniform between 0 and log2(U+1).
  std::uint64_t users_;
  bool is_logarithmic_;             // S = 1
  bool is_falling_;                 // S > 1: powers are below 1, their logarithms negative
  std::int64_t log_range_q57_ = 0;  // log2(U + 1)
  Uint128 lowest_power_q64_ = 0;
  Uint128 power_range_q64_ = 0;
  std::int64_t inverse_a_q40_ = 0;  // 1 / |a|
};

}  // namespace billing
