#pragma once

// Asks for memory ahead of its use.

#include <cstddef>

namespace billing {

inline constexpr std::size_t kCacheLineBytes = 64;

/// Any address is allowed. The empty statement keeps GCC from taking a function that only
/// prefetches for one without effect, whose calls it drops.
[[gnu::always_inline]] inline void prefetch(const void* at) {
  __builtin_prefetch(at);
  asm volatile("");
}

/// For memory that is going to be written.
[[gnu::always_inline]] inline void prefetch_for_write(const void* at) {
  __builtin_prefetch(at, 1);
  asm volatile("");
}

}  // namespace billing
