#pragma once

#include <cstddef>
#include <cstdint>

#include "billing/bill.h"

namespace billing {

/// What the parts of a job may take, so that the whole stays below its memory limit.
struct MemoryPlan {
  unsigned threads;         ///< as many as the job wants, or as find room
  std::size_t usage_bytes;  ///< as meters count it, with names of tasks
  std::size_t merge_bytes;  ///< for reading files
  std::size_t names_bytes;  ///< for all copies of the names of tasks; for those of inputs; for a
                            ///< state's logs
  std::size_t sum_rows;     ///< rows kept in memory while calls:N sums are added up over users
};

/// For at least one thread. `chunk_bytes` is what each reads at a time; `slice_bytes` is what usage
/// may take, where tests say so.
MemoryPlan plan_memory(unsigned threads, std::uint64_t limit_bytes, std::size_t chunk_bytes,
                       std::uint64_t slice_bytes = 0);
MemoryPlan plan_memory(const BillJob& job, std::size_t chunk_bytes);

/// Throws Error(run) that says what to do where the names of tasks take more than `most_bytes`,
/// which are those of the plan.
void check_task_names(std::uint64_t bytes, std::uint64_t most_bytes);

}  // namespace billing
