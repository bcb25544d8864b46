#pragma once

// Where the values of JSON Lines end in a window, and where it holds nothing but plain text: what
// records that look like the one before are taken apart with (json_shape.h).

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "formats/block_kernel.h"

namespace billing {

/// Of a window of lines. Not for several threads at once.
class ValueIndex {
 public:
  /// Behind every window.
  static constexpr std::size_t kNever = static_cast<std::size_t>(-1);

  explicit ValueIndex(SimdLevel simd) : kernels_(block_kernels(simd)) {}

  void scan(const Window& window) {
    if (room_ < window.size + kPlacesAtOnce) {
      room_ = window.size + kPlacesAtOnce;
      ends_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_);
      block_quotes_ = std::make_unique_for_overwrite<std::uint64_t[]>(room_ / kBlockBytes + 1);
      quotes_before_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_ / kBlockBytes + 1);
    }
    odd_blocks_.clear();
    odd_ = 0;
    window_ = window.data;
    ValuePlaces places{ends_.get(), block_quotes_.get(), quotes_before_.get(), 0, &odd_blocks_};
    kernels_.index_values(window, places);
    end_count_ = places.end_count;
  }

  const char* window() const { return window_; }

  /// The places of commas, closing braces and closing brackets outside of strings, and of all LF;
  /// rising. A form feed may be among them, which is no plain text.
  const std::uint32_t* ends() const { return ends_.get(); }
  std::size_t end_count() const { return end_count_; }

  /// Up to the window's last LF, which is among the last ends; 0 where there is none.
  std::size_t whole_lines_bytes() const {
    std::size_t count = end_count_;
    while (count > 0 && window_[ends_[count - 1]] != '\n') --count;
    return count == 0 ? 0 : ends_[count - 1] + 1;
  }

  /// How many quotes stand before a place within the window.
  std::uint32_t quotes_before(std::size_t place) const {
    const std::size_t block = place / kBlockBytes;
    const std::uint64_t below = (std::uint64_t{1} << place % kBlockBytes) - 1;
    return quotes_before_[block] +
           static_cast<std::uint32_t>(std::popcount(block_quotes_[block] & below));
  }

  /// Where the first block of 64 bytes begins that does not end before `place` and holds a byte
  /// that needs a closer look where it stands in a string: a backslash, no ASCII, or a control, but
  /// no LF, nor a CR before one. Places are asked for in order.
  std::size_t odd_from(std::size_t place) {
    while (odd_ < odd_blocks_.size() && (odd_blocks_[odd_] + 1) * kBlockBytes <= place) ++odd_;
    return odd_ < odd_blocks_.size() ? odd_blocks_[odd_] * kBlockBytes : kNever;
  }

 private:
  const BlockKernels& kernels_;
  const char* window_ = nullptr;
  std::size_t room_ = 0;
  std::unique_ptr<std::uint32_t[]> ends_;
  std::size_t end_count_ = 0;
  // By block.
  std::unique_ptr<std::uint64_t[]> block_quotes_;
  std::unique_ptr<std::uint32_t[]> quotes_before_;
  std::vector<std::uint32_t> odd_blocks_;
  std::size_t odd_ = 0;  ///< the first that does not end before the place at hand
};

}  // namespace billing
