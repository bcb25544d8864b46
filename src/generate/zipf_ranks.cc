#include "generate/zipf_ranks.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "generate/fixed_log2.h"

namespace billing {

namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr int kInverseFractionBits = 40;

/// floor(fraction * range), fraction = word / 2^64; the range has at most 64 bits before the point.
Uint128 portion(std::uint64_t word, Uint128 range_q64) {
  const auto whole = static_cast<std::uint64_t>(range_q64 >> 64);
  const auto fraction = static_cast<std::uint64_t>(range_q64);
  return Uint128{word} * whole + high_product(word, fraction);
}

}  // namespace

ZipfRanks::ZipfRanks(std::uint64_t users, double exponent) : users_(users) {
  if (users < 1 || users > kMaxUsers) {
    throw std::invalid_argument("users must be in 1..1000000000000");
  }
  if (!(exponent >= 0 && exponent <= kMaxExponent)) {
    throw std::invalid_argument("the Zipf exponent must be in 0..10");
  }
  // One product of doubles and an exact rounding: nothing here that could be fused or differ.
  const std::int64_t a_millionths = kMillion - std::llround(exponent * 1e6);
  const std::int64_t magnitude = std::abs(a_millionths);
  is_logarithmic_ = a_millionths == 0;
  is_falling_ = a_millionths < 0;
  log_range_q57_ = fixed_log2(Uint128{users + 1} << 64);
  if (is_logarithmic_) return;

  inverse_a_q40_ = (kMillion << kInverseFractionBits) / magnitude;
  const Int128 log_power_q57 = Int128{log_range_q57_} * magnitude / kMillion;
  constexpr Uint128 kOneQ64 = Uint128{1} << 64;
  if (is_falling_) {
    // Below 2^-64 the power is as good as 0, and the logarithm would not fit into 64 bits.
    const Int128 lowest_q57 = Int128{-64} << kLogFractionBits;
    lowest_power_q64_ =
        fixed_exp2(static_cast<std::int64_t>(std::max<Int128>(-log_power_q57, lowest_q57)));
    power_range_q64_ = kOneQ64 - lowest_power_q64_;
  } else {
    lowest_power_q64_ = kOneQ64;
    power_range_q64_ = fixed_exp2(static_cast<std::int64_t>(log_power_q57)) - kOneQ64;
  }
}

std::uint64_t ZipfRanks::rank(std::uint64_t word) const {
  std::int64_t log_rank_q57;
  if (is_logarithmic_) {
    log_rank_q57 =
        static_cast<std::int64_t>(high_product(word, static_cast<std::uint64_t>(log_range_q57_)));
  } else {
    // | 1: a power of 0, which the last of 2^64 words could give, has no logarithm.
    const Int128 log_power_q57 =
        fixed_log2((lowest_power_q64_ + portion(word, power_range_q64_)) | 1);
    const Int128 product = (is_falling_ ? -log_power_q57 : log_power_q57) * inverse_a_q40_;
    // Without its lowest power (see above) a falling law has no end of its own; users_ ends it.
    log_rank_q57 = static_cast<std::int64_t>(
        std::clamp<Int128>(product >> kInverseFractionBits, 0, log_range_q57_));
  }
  const auto rank = static_cast<std::uint64_t>(fixed_exp2(log_rank_q57) >> 64);
  return std::clamp<std::uint64_t>(rank, 1, users_);
}

}  // namespace billing
