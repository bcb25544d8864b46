#include "job/memory_plan.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <cstdint>

#include "base/engine_knobs.h"
#include "billing/error.h"
#include "billing/ordered_usage.h"
#include "decompress/decompressor.h"

namespace billing {
namespace {

constexpr std::uint64_t kProgramBytes = 14 << 20;  // with the buffers of one output

/// What a thread takes beside the chunk that it reads: the blocks that it renders, tables of
/// cycles, and memory that its tables have taken ahead.
constexpr std::uint64_t kThreadBytes = 9 << 20;

constexpr std::uint64_t kMaxMergeBytes = 128 << 20;

/// What zstd's levels up to 19 ask for: allowed with any limit, and within what each thread is
/// counted with.
constexpr std::uint64_t kMinWindowBytes = 8 << 20;

}  // namespace

MemoryPlan plan_memory(const BillJob& job, std::size_t chunk_bytes) {
  return plan_memory(std::max(job.threads, 1U), job.memory_limit_bytes, chunk_bytes,
                     job.knobs ? job.knobs->slice_bytes : 0);
}

MemoryPlan plan_memory(unsigned most_threads, std::uint64_t limit, std::size_t chunk_bytes,
                       std::uint64_t slice_bytes) {
  const std::uint64_t thread_bytes = kThreadBytes + chunk_bytes;
  const std::uint64_t most_for_threads = limit / 4 * 3;
  const std::uint64_t room =
      (most_for_threads - std::min(most_for_threads, kProgramBytes)) / thread_bytes;
  const auto threads = static_cast<unsigned>(std::clamp<std::uint64_t>(room, 1, most_threads));
  if (slice_bytes > 0) {
    return {threads, slice_bytes,    std::size_t{1} << 20, static_cast<std::size_t>(limit / 4),
            1000,    kMaxWindowBytes};
  }

  const std::uint64_t fixed = kProgramBytes + threads * thread_bytes;
  const std::uint64_t free = std::max(limit - std::min(limit, fixed), limit / 4);
  // Rows that are collected may stand in memory twice for a moment, when their list grows.
  const std::uint64_t sum_rows = free / 8 / (2 * sizeof(UsageRow));
  return {threads,
          free / 8 * 7,
          static_cast<std::size_t>(std::min(free / 4, kMaxMergeBytes)),
          static_cast<std::size_t>(limit / 4),
          sum_rows,
          static_cast<std::size_t>(std::clamp(free / 8, kMinWindowBytes, kMaxWindowBytes))};
}

int arena_threads(const MemoryPlan& plan) {
  using tbb::global_control;
  const std::size_t allowed = global_control::active_value(global_control::max_allowed_parallelism);
  return static_cast<int>(std::min<std::size_t>(plan.threads, std::max<std::size_t>(allowed, 1)));
}

void check_task_names(std::uint64_t bytes, std::uint64_t most_bytes) {
  if (bytes <= most_bytes) return;
  throw Error(ErrorKind::run,
              fmt::format("the names of tasks, kept by each thread, take more than {} MB, a "
                          "quarter of the memory limit; "
                          "make fewer of them (an id in a task's name makes each call a task of "
                          "its own: put one word in its place, as in sed "
                          "'s#/orders/[0-9]*#/orders/ID#' old.log > new.log), or raise "
                          "\1memory-limit",
                          most_bytes / 1'000'000));
}

}  // namespace billing
