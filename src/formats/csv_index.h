#pragma once

// Where the cells and records of delimited text end, found 64 bytes at a time: quotes decide which
// separators and line ends count, and their parity is a prefix sum of bits.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace billing {

/// Of a window of bytes that begins with a record. Not for several threads at once.
class CsvIndex {
 public:
  /// Indexes `size` < 2^31 bytes. Up to 63 bytes behind them may be touched where `readable_bytes`
  /// allow it.
  void scan(const char* data, std::size_t size, std::size_t readable_bytes, char separator,
            bool has_quotes);

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
  // Only the first so many of each mean something.
  std::vector<std::uint32_t> cell_ends_;
  std::vector<std::uint32_t> record_ends_;
  std::size_t cell_count_ = 0;
  std::size_t record_count_ = 0;
  std::vector<std::uint32_t> odd_blocks_;
};

}  // namespace billing
