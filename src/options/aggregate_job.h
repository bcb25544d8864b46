#pragma once

// Raw flags -> a validated job.

#include "billing/aggregate.h"
#include "billing/input_paths.h"
#include "options/aggregate_flags.h"
#include "options/mistakes.h"

namespace billing {

/// The job that the flags and the settings describe. What is wrong is added to `mistakes`, and the
/// job is then of no use.
AggregateJob make_aggregate_job(const AggregateFlags& flags, const Settings& settings,
                                Mistakes& mistakes);

/// Where the inputs of that job are looked for. Its own `inputs` are what was named.
InputSearch make_input_search(const AggregateFlags& flags, const AggregateJob& job,
                              Mistakes& mistakes);

}  // namespace billing
