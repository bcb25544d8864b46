#pragma once

// Where the cells and records of delimited text end, found 64 bytes at a time (block_kernel.h):
// quotes decide which separators and line ends count, and their parity is a prefix sum of bits.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "formats/block_kernel.h"

namespace billing {

/// Of a window of bytes that begins with a record. Not for several threads at once.
class CsvIndex {
 public:
  explicit CsvIndex(SimdLevel simd) : kernels_(block_kernels(simd)) {}

  void scan(const Window& window, char separator, bool has_quotes) {
    // Room for every byte, so that nobody has to ask for more.
    if (cell_ends_.size() < window.size + kPlacesAtOnce) {
      cell_ends_.resize(window.size + kPlacesAtOnce);
      record_ends_.resize(window.size + kPlacesAtOnce);
    }
    odd_blocks_.clear();
    CellPlaces places{cell_ends_.data(), record_ends_.data(), 0, 0, &odd_blocks_};
    kernels_.index_cells(window, separator, has_quotes, places);
    cell_count_ = places.cell_count;
    record_count_ = places.record_count;
  }

  /// Ends of cells outside of quotes: the places of separators and of line ends, rising.
  std::span<const std::uint32_t> cell_ends() const { return {cell_ends_.data(), cell_count_}; }
  /// Which of the cell ends are line ends: one for each record that ends in the window.
  std::span<const std::uint32_t> record_ends() const {
    return {record_ends_.data(), record_count_};
  }
  /// Blocks of 64 bytes that hold a quote where none should be: inside a cell without quotes, or
  /// before something else than a cell's end. Rising.
  const std::vector<std::uint32_t>& odd_blocks() const { return odd_blocks_; }

 private:
  const BlockKernels& kernels_;
  // Only the first so many of each mean something.
  std::vector<std::uint32_t> cell_ends_;
  std::vector<std::uint32_t> record_ends_;
  std::size_t cell_count_ = 0;
  std::size_t record_count_ = 0;
  std::vector<std::uint32_t> odd_blocks_;
};

}  // namespace billing
