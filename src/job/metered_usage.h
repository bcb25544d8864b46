#pragma once

// The usage of a run: in memory, or in files where it is too large for that.

#include <functional>
#include <memory>

#include "billing/bill.h"
#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "io/output_file.h"
#include "partials/partial_header.h"
#include "partials/usage_runs.h"

namespace billing {

struct MeteredUsage {
  Numbering numbering;
  std::unique_ptr<OrderedUsage> in_memory;  ///< all of it, or none
  UsageRuns in_files;
};

/// How much memory the parts of a job may take, so that the whole stays below its limit.
struct MemoryPlan {
  std::size_t usage_bytes;  ///< as meters count it
  std::size_t merge_bytes;  ///< for reading files
  std::size_t sum_rows;     ///< of cycles of calls that no longer tell users apart
};
MemoryPlan plan_memory(const BillJob& job, std::size_t chunk_bytes);

/// As many threads as the job wants, or as find room below its memory limit.
unsigned threads_within(const BillJob& job, std::size_t chunk_bytes);

/// Where a job keeps what does not fit, and tells how much that is.
SpillOptions spill_options(const BillJob& job, const MemoryPlan& memory,
                           const std::function<void()>& checkpoint, JobReport& report);

/// What the bill is made from. `usage` is spent.
std::unique_ptr<Sums> make_sums(const BillJob& job, MeteredUsage usage,
                                const std::function<void()>& checkpoint, JobReport& report);

/// Writes the usage as a partial; the caller commits it. The header's tasks are filled in. Throws
/// Error(run) where the rows are not what the header's inputs add up to. Returns how many they are.
std::uint64_t write_partial(MeteredUsage& usage, PartialHeader header, OutputFile& output,
                            const std::function<void()>& checkpoint);

}  // namespace billing
