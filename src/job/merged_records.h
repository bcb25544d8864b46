#pragma once

// The records of several partials, compared with each other.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "billing/meter.h"
#include "job/dedupe_stage.h"
#include "job/kept_usage.h"
#include "job/memory_plan.h"
#include "job/metered_usage.h"
#include "job/survivor_meter.h"
#include "partials/partial_file.h"

namespace billing {

/// One thread; uses the TBB threads of the calling arena.
class MergedRecords {
 public:
  /// The partials, which must outlive it, were made with one key. Throws Error(run) where their
  /// inputs are too many for `memory`.
  MergedRecords(std::span<const PartialFile> partials, const MemoryPlan& memory,
                SpillOptions spill);

  /// Finds the records that stay.
  void count();
  /// The same, and makes their usage and that of all rows.
  MeteredUsage meter(const MeterOptions& options, const SumRules& rules);

  // Once either was called.

  /// What an input holds, in the order of the partials and their inputs; `totals` are those that
  /// its partial tells.
  void settle(std::size_t input, InputTotals& totals) const;
  /// Of all inputs.
  InputTotals totals() const;

  /// For write_partial(), with all inputs in their order: the records that stay, and the rows.
  KeptSource records() const;
  MeteredUsage rows(const SumRules& rules) const;

 private:
  SurvivorLimits limits() const { return {memory_.usage_bytes, memory_.names_bytes}; }

  std::span<const PartialFile> partials_;
  MemoryPlan memory_;
  SpillOptions spill_;
  std::vector<std::size_t> first_inputs_;  ///< by partial, and one behind the last
  std::unique_ptr<DedupeStage> stage_;
  std::unique_ptr<SurvivorPass> pass_;
};

}  // namespace billing
