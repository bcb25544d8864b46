#pragma once

// The fast path of the text format: takes well-formed records of the common shape
//
//     2025-05-02T23:16:50Z user115 login 200 1568ms\n
//
// (whole seconds in UTC, single spaces, plain ASCII names, at most 8 digits of duration, LF or
// CR LF) and hands everything else back, to be decided by the careful path (text_record.h). The
// same source is compiled once for each SIMD level; all give the same events.

#include <cstddef>

#include "billing/event_batch.h"
#include "billing/simd_level.h"

namespace billing {

/// A place in the input. Several cursors in one loop keep the processor busy while each waits for
/// the end of its own line.
struct TextCursor {
  const char* at;        ///< first byte of a record
  const char* end;       ///< records that start here or later belong to another cursor
  const char* fast_end;  ///< the kernel may read kTextKernelReachBytes from any byte before this
  const char* origin;    ///< what EventBatch::offset_bytes counts from
};

inline constexpr std::size_t kTextCursors = 4;

/// Bytes that the kernel may load from a byte before fast_end: the time, a window of 64 bytes
/// behind it, and 16 bytes that begin at the window's end.
inline constexpr std::size_t kTextKernelReachBytes = 20 + 64 + 16;

/// Advances the cursors (of one origin) in turn, appending an event to the batch for each record,
/// until the batch has no room for a further round (returns kTextCursors) or a cursor is at
/// fast_end or at a record that is not of the common shape (returns the index of that cursor).
using TextKernel = std::size_t (*)(TextCursor* cursors, EventBatch& batch);

struct TextKernels {
  TextKernel interleaved;  ///< kTextCursors cursors
  TextKernel single;       ///< one cursor
};

/// The kernels of a level that this processor has. Those of SimdLevel::scalar take nothing: all is
/// left to the careful path.
const TextKernels& text_kernels(SimdLevel level);

namespace avx2 {
extern const TextKernels kTextKernels;
}
namespace avx512 {
extern const TextKernels kTextKernels;
}

}  // namespace billing
