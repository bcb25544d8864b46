#pragma once

// The fast paths of JSON Lines: lines that look like one before (json_shape.h), and events made of
// them right away where a mapping asks for nothing unusual (event_kernel.inc).

#include <cstddef>
#include <cstdint>

#include "billing/event_batch.h"
#include "billing/simd_level.h"
#include "formats/event_rules.h"
#include "formats/json_shape.h"
#include "formats/value_index.h"
#include "mapping/field.h"

namespace billing {

/// Bytes behind a line that must be readable.
inline constexpr std::size_t kJsonReachBytes = 128;

/// Lines of a window that is indexed, from the one at hand on.
struct JsonLines {
  const ValueIndex& index;
  std::size_t at;         ///< where the line begins
  std::size_t first_end;  ///< the first of the index that does not stand before it
  /// Lines that end here or later are handed back: those before are plain, and kJsonReachBytes
  /// behind them can be read.
  std::size_t end;
  std::uint64_t max_record_bytes;
  std::uint64_t offset_bytes;  ///< of the window

  /// Moves on to the next line, behind one that ends at `line_end` and has so many ends before.
  void pass(std::size_t line_end, std::size_t ends) {
    at = line_end + 1;
    first_end += ends + 1;
  }
};

struct JsonKernels {
  /// Whether the line at hand is of one of the shapes. Its fields are filled in then, with the
  /// places where they stand in `record`, and `lines` moves on to the next one.
  bool (*match)(JsonShapes& shapes, JsonLines& lines, const char* record, Field* fields);
  /// Appends an event to the batch for each line, until the batch is full, no line is left, or the
  /// next one is not of a known shape, or not as most are. Null where all events are left to the
  /// mapper.
  void (*decode)(JsonShapes& shapes, const EventRules& rules, JsonLines& lines, EventBatch& batch);
};

/// Rules for JsonKernels::decode() ask for no field from here on.
inline constexpr std::size_t kMostJsonFields = 32;

const JsonKernels& json_kernels(SimdLevel level);

namespace avx2 {
extern const JsonKernels kJsonKernels;
}

}  // namespace billing
