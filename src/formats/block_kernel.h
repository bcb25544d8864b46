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
inline constexpr std::size_t kPlacesAtOnce = 16;

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

/// The front of a request such as `GET /a/b?c=d HTTP/1.1`.
struct RequestFront {
  std::size_t bytes = 0;  ///< of `GET /a/b`
  /// Whether a segment of the path may be an id, as it is of hex digits and dashes alone.
  bool may_hold_id = false;
};

/// Where quotes and line feeds stand, rising, and which of these are line feeds. The arrays have
/// room as those of CellPlaces.
struct QuotePlaces {
  std::uint32_t* places;
  std::uint32_t* line_ends;
  std::size_t place_count;
  std::size_t line_count;
};

/// What ValueIndex (value_index.h) is made of. `ends` has room as those of CellPlaces, the arrays
/// behind it for a number for each block.
struct ValuePlaces {
  std::uint32_t* ends;
  std::uint64_t* block_quotes;
  std::uint32_t* quotes_before;
  std::size_t end_count;
  std::vector<std::uint32_t>* odd_blocks;
};

struct BlockKernels {
  void (*index_cells)(const Window& window, char separator, bool has_quotes, CellPlaces& places);
  void (*index_quotes)(const Window& window, QuotePlaces& places);
  /// Line feeds before which an even number of quotes stands; `is_inside` becomes whether it is odd
  /// at the end.
  std::uint64_t (*count_quoted_lines)(std::string_view bytes, bool& is_inside);
  void (*index_values)(const Window& window, ValuePlaces& places);
  /// Takes a request apart that is as most are: capital letters, a path of printable ASCII that
  /// begins with a slash and ends within the first block, `HTTP/` and what follows, two spaces in
  /// all. False of all others, which may be requests as well. Bytes up to `readable_end` may be
  /// touched.
  bool (*read_request)(std::string_view text, const char* readable_end, RequestFront& front);
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
