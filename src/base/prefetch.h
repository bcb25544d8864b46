#pragma once

// Asks for memory ahead of its use.

#include <cstddef>
#include <cstdint>

namespace billing {

inline constexpr std::size_t kCacheLineBytes = 64;

/// Any address is allowed. The empty statement keeps GCC from taking a function that only
/// prefetches for one without effect, whose calls it drops.
[[gnu::always_inline]] inline void prefetch(const void* at) {
  __builtin_prefetch(at);
  asm volatile("");
}

/// For memory that is going to be written; there may be none at this address.
[[gnu::always_inline]] inline void prefetch_for_write(std::uintptr_t at) {
  __builtin_prefetch(reinterpret_cast<const void*>(at), 1);
  asm volatile("");
}

}  // namespace billing
