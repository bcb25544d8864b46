#pragma once

#include <cstddef>
#include <cstdint>

#include "billing/bill.h"

namespace billing {

/// How much memory each part of a job may take, so that the whole stays below its limit.
struct MemoryPlan {
  unsigned threads;          ///< as many as the job wants, or as find room
  std::size_t usage_bytes;   ///< as meters count it, with names of tasks
  std::size_t merge_bytes;   ///< for reading files
  std::size_t names_bytes;   ///< for all copies of the names of tasks; as much again for the names
                             ///< of inputs, and for a state's logs
  std::size_t sum_rows;      ///< rows kept in memory while calls:N sums are added up over users
  std::size_t window_bytes;  ///< for the window of a zstd input, while there are no such rows yet
};

/// Plans for at least one thread. Each reads `chunk_bytes` at a time; tests set `slice_bytes`,
/// which usage may take, where it is not 0.
MemoryPlan plan_memory(unsigned threads, std::uint64_t limit_bytes, std::size_t chunk_bytes,
                       std::uint64_t slice_bytes = 0);
MemoryPlan plan_memory(const BillJob& job, std::size_t chunk_bytes);

/// How many of the threads the process may have now: oneTBB complains on standard error where an
/// arena asks for more.
int arena_threads(const MemoryPlan& plan);

/// Throws Error(run) that says what to do where the names of tasks take more than `most_bytes`,
/// which are those of the plan.
void check_task_names(std::uint64_t bytes, std::uint64_t most_bytes);

}  // namespace billing
