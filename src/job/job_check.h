#pragma once

// What a job asks for must make sense together, and have an effect.

#include "billing/aggregate.h"
#include "billing/cycle_policy.h"

namespace billing {

/// Whether the host says how records are decoded, in place of `format` and the inputs' first bytes.
inline bool has_own_format(const AggregateJob& job) {
  return job.source != nullptr || job.mediation.decoder != nullptr;
}

/// `cycles` are those of the job. Throws Error(configuration) for what a user can ask for, and
/// std::invalid_argument for mistakes of a host that no user of the program can make.
void check_job(const AggregateJob& job, const CyclePolicy& cycles);

}  // namespace billing
