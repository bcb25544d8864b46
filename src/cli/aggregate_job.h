#pragma once

// Raw flags -> a validated job.

#include "billing/aggregate.h"
#include "billing/input_paths.h"
#include "cli/aggregate_flags.h"
#include "cli/mistakes.h"

namespace billing::cli {

/// The job that the flags, `.env` and the environment describe; sets the log level. What is wrong
/// is added to `mistakes`, and the job is then of no use.
AggregateJob make_aggregate_job(const AggregateFlags& flags, Mistakes& mistakes);

/// Where the inputs of that job are looked for. Its own `inputs` are what was named.
InputSearch make_input_search(const AggregateFlags& flags, const AggregateJob& job,
                              Mistakes& mistakes);

}  // namespace billing::cli
