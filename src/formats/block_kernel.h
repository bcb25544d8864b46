#pragma once

// Loops over blocks of 64 bytes, of which each becomes a few words of 64 bits: one bit a byte, the
// first byte lowest. The same source is compiled for any processor, for AVX2 and for AVX-512; all
// give the same.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "billing/simd_level.h"

namespace billing {

inline constexpr std::size_t kBlockBytes = 64;
/// Places are written so many at a time: arrays of them need room for that many more.
inline constexpr std::size_t kPlacesAtOnce = 8;

/// Bytes to look at. Up to 63 behind them may be touched where `readable_bytes` allow it.
struct Window {
  const char* data;
  std::size_t size;  ///< < 2^31
  std::size_t readable_bytes;
};

/// What CsvIndex (csv_index.h) is made of. The arrays have room for Window::size + kPlacesAtOnce.
struct CellPlaces {
  std::uint32_t* cell_ends;
  std::uint32_t* record_ends;
  std::size_t cell_count;
  std::size_t record_count;
  std::vector<std::uint32_t>* odd_blocks;
};

struct BlockKernels {
  void (*index_cells)(const Window& window, char separator, bool has_quotes, CellPlaces& places);
  /// Writes the places of all quotes and line feeds, rising; returns how many. `places` have room
  /// for Window::size + kPlacesAtOnce.
  std::size_t (*index_quotes)(const Window& window, std::uint32_t* places);
  /// Line feeds before which an even number of quotes stands; `is_inside` becomes whether it is odd
  /// at the end.
  std::uint64_t (*count_quoted_lines)(std::string_view bytes, bool& is_inside);
  /// For JSON. `quotes` becomes a word for each block: its quotes. `odd_blocks` becomes a bit for
  /// each: whether it holds a byte that needs a closer look where it stands in a string, which is a
  /// backslash, a byte of no ASCII character or a control, but no LF, nor a CR before one in the
  /// same block.
  void (*index_strings)(const Window& window, std::uint64_t* quotes, std::uint64_t* odd_blocks);
};

/// Those of a level that this processor has.
const BlockKernels& block_kernels(SimdLevel level);

namespace avx2 {
extern const BlockKernels kBlockKernels;
}
namespace avx512 {
extern const BlockKernels kBlockKernels;
}

}  // namespace billing
