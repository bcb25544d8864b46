#pragma once

namespace billing {

/// 128-bit integers (GCC and Clang), in which sums of quantities and of money are exact.
__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

/// How far a number is from 0.
constexpr Uint128 magnitude(Int128 number) {
  const auto bits = static_cast<Uint128>(number);
  return number < 0 ? Uint128{0} - bits : bits;
}

}  // namespace billing
