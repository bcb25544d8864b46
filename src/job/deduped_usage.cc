#include "job/deduped_usage.h"

#include <utility>

#include "job/survivor_meter.h"

namespace billing {

MeteredUsage settle_duplicates(const AggregateJob& job, DedupedUsage& deduped,
                               const MeterOptions& options, const SumRules& rules,
                               JobContext& context) {
  DedupeStage& stage = *deduped.stage;
  const SurvivorLimits limits{DedupeStage::usage_bytes(context.memory), context.memory.names_bytes};
  const SpillOptions spill = spill_options(job, context);
  context.begin("dropping duplicates");
  if (job.state && stage.input_count() > deduped.kept_end()) {
    SurvivorPass pass(stage, {.input_end = deduped.kept_end(), .collects_tasks = true});
    count_survivors(pass, limits, context.checkpoint);
    deduped.kept = {pass.totals(), pass.tasks()};
  }
  SurvivorPass pass(stage, {stage.input_count(), stage.lists(), job.partial || job.state});
  MeteredUsage metered{rules, nullptr, UsageRuns(rules.rows, spill)};
  if (job.partial) {
    count_survivors(pass, limits, context.checkpoint);
  } else {
    metered = meter_survivors(pass, options, rules, limits, spill);
  }
  deduped.billed = {pass.totals(), pass.tasks()};
  context.timer.passed("meter");
  return metered;
}

}  // namespace billing
