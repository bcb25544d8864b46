#pragma once

// The usage of a run: in memory, or in files where it is too large for that.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "billing/bill.h"
#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "io/output_file.h"
#include "job/job_context.h"
#include "partials/input_blocks.h"
#include "partials/partial_header.h"
#include "partials/usage_runs.h"

namespace billing {

struct MeteredUsage {
  SumRules rules;
  std::unique_ptr<OrderedUsage> in_memory;  ///< all of it, or none
  UsageRuns in_files;
};

/// Where a job keeps what does not fit, and tells how much that is. The context must outlive it.
SpillOptions spill_options(const BillJob& job, JobContext& context);

/// What the bill is made from. `usage` is spent.
std::unique_ptr<Sums> make_sums(const BillJob& job, MeteredUsage usage, JobContext& context);

/// Writes the usage as a partial; the caller commits it. Throws Error(run) where the rows are not
/// what the inputs add up to. Returns how many they are.
std::uint64_t write_partial(MeteredUsage& usage, DecodedHeader header, InputList inputs,
                            OutputFile& output, const std::function<void()>& checkpoint);
std::uint64_t write_partial(MeteredUsage& usage, const PartialHeader& header, OutputFile& output,
                            const std::function<void()>& checkpoint);

}  // namespace billing
