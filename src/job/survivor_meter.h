#pragma once

// Records that stay -> usage, on all threads.

#include <cstddef>
#include <functional>

#include "billing/meter.h"
#include "job/dedupe_stage.h"
#include "job/metered_usage.h"

namespace billing {

/// What the threads of a pass may take.
struct SurvivorLimits {
  std::size_t usage_bytes;  ///< what is more goes to files
  std::size_t names_bytes;  ///< of tasks; throws Error(run) where they take more
};

/// Goes over all records; the totals of the pass are known afterwards.
void count_survivors(SurvivorPass& pass, const SurvivorLimits& limits,
                     const std::function<void()>& checkpoint);

/// The same, and makes the usage of those that stay.
MeteredUsage meter_survivors(SurvivorPass& pass, const MeterOptions& options, const SumRules& rules,
                             const SurvivorLimits& limits, const SpillOptions& spill);

}  // namespace billing
