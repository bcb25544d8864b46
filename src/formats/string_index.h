#pragma once

// Where strings end in a window of JSON Lines, and which lines hold nothing but plain strings: what
// records that look like the one before are taken apart with (json_shape.h).

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/block_kernel.h"

namespace billing {

/// Not for several threads at once.
class StringIndex {
 public:
  explicit StringIndex(SimdLevel simd) : kernels_(block_kernels(simd)) {}

  void scan(const Window& window) {
    blocks_ = (window.size + kBlockBytes - 1) / kBlockBytes;
    if (quotes_.size() < blocks_) {
      quotes_.resize(blocks_);
      odd_blocks_.resize(blocks_ / 64 + 1);
    }
    data_ = window.data;
    next_odd_ = 0;
    kernels_.index_strings(window, quotes_.data(), odd_blocks_.data());
  }

  /// Whether no byte of [begin, end) needs a closer look (or shares a block with one that does).
  /// Lines are asked for in order.
  bool is_plain(const char* begin, const char* end) {
    const std::size_t first = block_of(begin);
    if (next_odd_ < first || next_odd_ == 0) next_odd_ = odd_from(first);
    return next_odd_ > block_of(end - 1);
  }

  /// The first quote from `at` on, or null where the window has none.
  const char* quote(const char* at) const {
    const auto place = static_cast<std::size_t>(at - data_);
    std::size_t block = place / kBlockBytes;
    if (block >= blocks_) return nullptr;
    std::uint64_t bits = quotes_[block] & ~std::uint64_t{0} << place % kBlockBytes;
    while (bits == 0) {
      if (++block == blocks_) return nullptr;
      bits = quotes_[block];
    }
    return data_ + block * kBlockBytes + static_cast<std::size_t>(std::countr_zero(bits));
  }

 private:
  std::size_t block_of(const char* at) const {
    return static_cast<std::size_t>(at - data_) / kBlockBytes;
  }
  std::size_t odd_from(std::size_t block) const {
    const std::size_t words = (blocks_ + 63) / 64;
    std::size_t word = block / 64;
    if (word >= words) return blocks_;
    std::uint64_t bits = odd_blocks_[word] & ~std::uint64_t{0} << block % 64;
    while (bits == 0) {
      if (++word == words) return blocks_;
      bits = odd_blocks_[word];
    }
    return word * 64 + static_cast<std::size_t>(std::countr_zero(bits));
  }

  const BlockKernels& kernels_;
  const char* data_ = nullptr;
  std::size_t blocks_ = 0;
  std::vector<std::uint64_t> quotes_;      ///< by block
  std::vector<std::uint64_t> odd_blocks_;  ///< a bit for each block
  std::size_t next_odd_ = 0;               ///< block; 0: not known
};

}  // namespace billing
