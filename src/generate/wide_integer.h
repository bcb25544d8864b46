// Arithmetic with the 128-bit products of two 64-bit numbers.
#pragma once

#include <cstdint>

#include "billing/int128.h"

namespace billing {

__extension__ using Int128 = __int128;

/// The upper 64 bits of the 128-bit product: floor(a * b / 2^64).
constexpr std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((Uint128{a} * b) >> 64);
}

/// The same for signed numbers; rounds towards minus infinity.
constexpr std::int64_t high_product(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>((Int128{a} * b) >> 64);
}

}  // namespace billing
