#pragma once

#include <cstddef>

#include "billing/bill.h"

namespace billing {

/// What the parts of a job may take, so that the whole stays below its memory limit.
struct MemoryPlan {
  unsigned threads;         ///< as many as the job wants, or as find room
  std::size_t usage_bytes;  ///< as meters count it
  std::size_t merge_bytes;  ///< for reading files
  std::size_t sum_rows;     ///< of cycles of calls that no longer tell users apart
};

/// `chunk_bytes` is what each thread reads at a time.
MemoryPlan plan_memory(const BillJob& job, std::size_t chunk_bytes);

}  // namespace billing
