#pragma once

namespace billing {

/// Unsigned 128-bit integer: sums of quantities and of money (GCC and Clang).
__extension__ using Uint128 = unsigned __int128;

}  // namespace billing
