#pragma once

// Asks for memory ahead of its use.

namespace billing {

/// Any address is allowed. The empty statement keeps GCC from taking a function that only
/// prefetches for one without effect, whose calls it drops.
[[gnu::always_inline]] inline void prefetch(const void* at) {
  __builtin_prefetch(at);
  asm volatile("");
}

}  // namespace billing
