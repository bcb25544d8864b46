#pragma once

// The usage of a run: in memory, or in files where it is too large for that.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "billing/bill.h"
#include "billing/byte_source.h"
#include "billing/ordered_usage.h"
#include "billing/partials.h"
#include "billing/sums.h"
#include "io/output_file.h"
#include "job/job_context.h"
#include "job/kept_usage.h"
#include "job/user_ranges.h"
#include "partials/input_blocks.h"
#include "partials/partial_header.h"
#include "partials/usage_runs.h"

namespace billing {

struct MeteredUsage {
  SumRules rules;
  std::unique_ptr<OrderedUsage> in_memory;  ///< all of it, or none
  UsageRuns in_files;

  /// All of it, to be merged with what is in files.
  UsageRuns& moved_to_files();
};

/// Where a job keeps usage that does not fit into memory; how much that is goes into the report.
/// The context must outlive it.
SpillOptions spill_options(const BillJob& job, JobContext& context);

/// What the bill is made from. `usage` is spent.
std::unique_ptr<Sums> make_sums(const BillJob& job, MeteredUsage usage, JobContext& context);
std::unique_ptr<Sums> make_sums(MeteredUsage usage, std::size_t max_rows,
                                const SpillOptions& options);

/// Writes the usage as a partial: rows, and records that are kept, if any. Throws Error(run) where
/// they are not what the inputs add up to. Returns how many rows and records there are.
std::uint64_t write_partial(MeteredUsage& usage, DecodedHeader header, InputList inputs,
                            const ByteSink& sink, const std::function<void()>& checkpoint,
                            const KeptSource* kept = nullptr);
/// The same as a partial for each range of users, of usage that was made of one input; see
/// PartialMaker::finish().
std::uint64_t write_partials(const UserRanges& usage, const PartialInput& input,
                             const DecodedHeader& header, const RangeSink& sink,
                             const std::function<void()>& checkpoint);
/// Writes all of the usage to `output`, which the caller commits.
std::uint64_t write_partial(MeteredUsage& usage, const PartialHeader& header, OutputFile& output,
                            const std::function<void()>& checkpoint,
                            const KeptSource* kept = nullptr);

/// The output must outlive it.
ByteSink append_to(OutputFile& output);

/// For usage that waits in files: where, and what reading it may take.
SpillOptions spill_options(const std::string& folder, const MemoryPlan& memory,
                           std::function<void()> checkpoint, std::uint64_t* spilled_bytes);

}  // namespace billing
