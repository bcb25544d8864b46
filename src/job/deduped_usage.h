#pragma once

// The records of a run, of which only those count that stay: compared with each other, with those
// that a state has kept, and with last lines that may yet grow, which are billed but not kept.

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "billing/aggregate.h"
#include "billing/meter.h"
#include "job/dedupe_stage.h"
#include "job/job_context.h"
#include "job/metered_usage.h"

namespace billing {

/// What became of records.
struct DedupedTotals {
  std::vector<SurvivorTotals> by_input;   ///< of the stage
  std::unordered_set<std::string> tasks;  ///< of those that stay, where usage is to be kept
};

struct DedupedUsage {
  /// Its inputs are the logs of the state, then what was read, then the last lines.
  std::unique_ptr<DedupeStage> stage;
  std::size_t log_count;
  std::size_t read_count;
  DedupedTotals billed = {};  ///< of all
  DedupedTotals kept = {};    ///< as if there were no last lines; empty where there are none

  std::size_t kept_end() const { return log_count + read_count; }
  const DedupedTotals& of_kept() const { return kept.by_input.empty() ? billed : kept; }
};

/// Once all records are in the stage: finds those that stay, and makes their usage where a bill
/// needs it. The caller lists duplicates where the stage does.
MeteredUsage settle_duplicates(const AggregateJob& job, DedupedUsage& deduped,
                               const MeterOptions& options, const SumRules& rules,
                               JobContext& context);

}  // namespace billing
