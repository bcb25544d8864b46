#pragma once

// Where the cells and records of delimited text end, found 64 bytes at a time (block_kernel.h):
// quotes decide which separators and line ends count, and their parity is a prefix sum of bits.

#include <cstddef>
#include <cstdint>
#include <memory>
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
    if (room_ < window.size + kPlacesAtOnce) {
      room_ = window.size + kPlacesAtOnce;
      cell_ends_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_ + 1);
      record_ends_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_);
      cell_ends_[0] = kBeforeWindow;
    }
    odd_blocks_.clear();
    CellPlaces places{cell_ends_.get() + 1, record_ends_.get(), 0, 0, &odd_blocks_};
    kernels_.index_cells(window, separator, has_quotes, places);
    cell_count_ = places.cell_count;
    record_count_ = places.record_count;
  }

  /// Ends of cells outside of quotes: the places of separators and of line ends, rising. A cell
  /// begins behind the end before it; before the first stands one that 1 makes 0.
  std::span<const std::uint32_t> cell_ends() const { return {cell_ends_.get() + 1, cell_count_}; }
  /// Which of the cell ends are line ends: one for each record that ends in the window.
  std::span<const std::uint32_t> record_ends() const { return {record_ends_.get(), record_count_}; }
  /// Blocks of 64 bytes that hold a quote where none should be: inside a cell without quotes, or
  /// before something else than a cell's end. Rising.
  const std::vector<std::uint32_t>& odd_blocks() const { return odd_blocks_; }

 private:
  static constexpr std::uint32_t kBeforeWindow = 0xFFFFFFFF;

  const BlockKernels& kernels_;
  // Only the first so many of each mean something, behind the first of the cell ends.
  std::size_t room_ = 0;
  std::unique_ptr<std::uint32_t[]> cell_ends_;
  std::unique_ptr<std::uint32_t[]> record_ends_;
  std::size_t cell_count_ = 0;
  std::size_t record_count_ = 0;
  std::vector<std::uint32_t> odd_blocks_;
};

}  // namespace billing
