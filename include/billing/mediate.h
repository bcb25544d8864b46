#pragma once

// Mediation: bytes -> event batches. What cannot be decoded becomes a reject with a reason.

#include <cstdint>
#include <functional>
#include <string_view>

#include "billing/event_batch.h"
#include "billing/reject.h"
#include "billing/simd_level.h"
#include "billing/uint128.h"

namespace billing {

enum class Format { text };

struct MediationOptions {
  Format format = Format::text;
  SimdLevel simd = best_simd_level();  ///< one that this processor has
};

/// What one call of mediate() read. records = events + rejects + blanks, and the records tile the
/// bytes: bytes == the length of the input, line ends included.
struct MediationCounts {
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  std::uint64_t events = 0;
  std::uint64_t rejects = 0;
  std::uint64_t blanks = 0;
  Uint128 quantity = 0;  ///< of the events
};

/// Decodes whole records. `bytes` begins at a record's first byte and ends after a line end or at
/// the end of the input; `readable_bytes` >= bytes.size() may be touched (not interpreted) by wide
/// loads. `batch` is scratch space owned by the caller. Each full batch, and the last, goes to
/// `on_batch`, which may change it; rejects go to `on_reject`. Neither comes in the order of the
/// input. Exceptions of the callbacks pass through. Threads: one call per batch object; otherwise
/// free.
MediationCounts mediate(std::string_view bytes, std::size_t readable_bytes,
                        const MediationOptions& options, EventBatch& batch,
                        const std::function<void(EventBatch&)>& on_batch,
                        const std::function<void(const Reject&)>& on_reject);

}  // namespace billing
