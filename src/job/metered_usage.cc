#include "job/metered_usage.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "billing/error.h"
#include "job/control_totals.h"
#include "partials/partial_file.h"
#include "partials/usage_file_writer.h"

namespace billing {

namespace {

constexpr std::uint64_t kProgramBytes = 14 << 20;  // with the buffers of one output

/// Of a thread: the blocks that it renders, tables of cycles, memory that its tables have taken
/// ahead, and the chunk that it reads.
std::uint64_t thread_bytes(std::size_t chunk_bytes) { return (9 << 20) + chunk_bytes; }

}  // namespace

MemoryPlan plan_memory(const BillJob& job, std::size_t chunk_bytes) {
  constexpr std::uint64_t kMostMergeBytes = 128 << 20;
  const std::uint64_t limit = job.memory_limit_bytes;
  const std::uint64_t fixed = kProgramBytes + job.threads * thread_bytes(chunk_bytes);
  const std::uint64_t free = std::max(limit - std::min(limit, fixed), limit / 4);
  // Rows that are collected may stand in memory twice for a moment, when their list grows.
  const std::uint64_t sum_rows = free / 8 / (2 * sizeof(UsageRow));
  if (job.slice_bytes > 0) return {job.slice_bytes, std::size_t{1} << 20, 1000};
  return {free / 8 * 7, static_cast<std::size_t>(std::min(free / 4, kMostMergeBytes)), sum_rows};
}

unsigned threads_within(const BillJob& job, std::size_t chunk_bytes) {
  const std::uint64_t most = job.memory_limit_bytes / 4 * 3;
  const std::uint64_t room = (most - std::min(most, kProgramBytes)) / thread_bytes(chunk_bytes);
  return static_cast<unsigned>(std::clamp<std::uint64_t>(room, 1, job.threads));
}

SpillOptions spill_options(const BillJob& job, const MemoryPlan& memory,
                           const std::function<void()>& checkpoint, JobReport& report) {
  return {job.temp_folder, memory.merge_bytes, checkpoint, &report.spilled_bytes};
}

std::unique_ptr<Sums> make_sums(const BillJob& job, MeteredUsage usage,
                                const std::function<void()>& checkpoint, JobReport& report) {
  const MemoryPlan memory = plan_memory(job, kDefaultChunkBytes);
  UsageRuns sum_runs(false, spill_options(job, memory, checkpoint, report));
  const SumSpill spill{memory.sum_rows, [&](const OrderedUsage& rows) { sum_runs.spill(rows); },
                       [&] { return sum_runs.merged(); }};
  if (usage.in_memory)
    return make_sums(std::move(usage.in_memory), usage.numbering, checkpoint, spill);
  return make_sums(usage.in_files.merged(), usage.numbering, checkpoint, spill);
}

std::uint64_t write_partial(MeteredUsage& usage, PartialHeader header, OutputFile& output,
                            const std::function<void()>& checkpoint) {
  const auto append = [&output](std::string_view bytes) { output.append(bytes); };
  header.events = usage.numbering.calls_per_cycle > 0;
  UsageFileWriter writer(append, checkpoint, header.events);
  if (usage.in_memory) {
    header.tasks = usage.in_memory->tasks();
    begin_partial(writer, append, header);
    writer.write_rows(*usage.in_memory);
  } else {
    const UsageSource source = usage.in_files.merged();
    header.tasks = source.tasks;
    begin_partial(writer, append, header);
    writer.write_rows(*source.open());
  }
  writer.finish();
  check_usage_balance(header.totals(), writer.totals());
  return writer.totals().rows;
}

}  // namespace billing
