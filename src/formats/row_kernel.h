#pragma once

// The fast path of delimited text: makes events of rows that have all their cells, and whose texts
// are as most are (event_kernel.inc), in quotes or not. All others are handed back, to be decided
// by the careful path (csv_format.cc).

#include <cstddef>
#include <cstdint>

#include "billing/event_batch.h"
#include "billing/simd_level.h"
#include "formats/event_rules.h"

namespace billing {

/// Which cells of a row make its event.
struct RowRules {
  EventRules event;
  // Columns, from 0.
  std::size_t time;
  std::size_t user;
  std::size_t task;
  std::size_t status;
  std::size_t quantity;
  std::size_t width;  ///< columns, at least 2
  bool has_quotes;
};

/// Rows of a window that is indexed (csv_index.h).
struct Rows {
  const char* window;
  const std::uint32_t* cell_ends;    ///< behind one that 1 makes the first cell's beginning
  const std::uint32_t* record_ends;  ///< which of the cell ends end a row
  std::size_t next;                  ///< the row to be decoded next, not the window's first
  std::size_t count;
  /// Rows that end here or later are handed back: kRowReachBytes behind all others can be read, and
  /// no quote stands in these where none should.
  std::size_t end;
  std::uint64_t offset_bytes;  ///< of the window
};

inline constexpr std::size_t kRowReachBytes = 64;

/// Appends an event to the batch for each row, until the batch is full, no row is left, or the next
/// one is not of the common shape. Moves `next` on.
using RowKernel = void (*)(const RowRules& rules, Rows& rows, EventBatch& batch);

/// Null where all rows are left to the careful path.
RowKernel row_kernel(SimdLevel level);

namespace avx2 {
void decode_rows(const RowRules& rules, Rows& rows, EventBatch& batch);
}

}  // namespace billing
