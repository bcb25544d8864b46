#include "job/merged_records.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/count_text.h"
#include "billing/error.h"

namespace billing {

MergedRecords::MergedRecords(std::span<const PartialFile> partials, const MemoryPlan& memory,
                             SpillOptions spill)
    : partials_(partials), memory_(memory), spill_(std::move(spill)) {
  std::size_t inputs = 0;
  for (const PartialFile& partial : partials_) {
    first_inputs_.push_back(inputs);
    inputs += partial.input_count;
  }
  first_inputs_.push_back(inputs);
  // Every thread counts what becomes of each, and so do the partials and the pass.
  const std::size_t input_bytes =
      sizeof(SurvivorTotals) * (memory_.threads + 1) + sizeof(KeyedTotals);
  if (inputs > memory_.names_bytes / input_bytes) {
    throw Error(ErrorKind::run, "the partials were made of " + counted(inputs, "input") +
                                    ": what each accepted does not fit into a quarter of the "
                                    "memory limit; raise \1memory-limit, or lower \1threads");
  }
  stage_ = std::make_unique<DedupeStage>(partials_.front().options.dedupe, inputs, memory_, spill_,
                                         /*lists=*/false);
  for (std::size_t i = 0; i < partials_.size(); ++i)
    stage_->add(*partials_[i].records, first_inputs_[i]);
}

void MergedRecords::count() {
  pass_ = std::make_unique<SurvivorPass>(
      *stage_, PassScope{.input_end = stage_->input_count(), .collects_tasks = true});
  count_survivors(*pass_, limits(), spill_.checkpoint);
}

MeteredUsage MergedRecords::meter(const MeterOptions& options, const SumRules& rules) {
  pass_ = std::make_unique<SurvivorPass>(*stage_, PassScope{.input_end = stage_->input_count()});
  MeteredUsage usage = meter_survivors(*pass_, options, rules, limits(), spill_);
  const auto has_rows = [](const PartialFile& partial) { return partial.has_rows; };
  if (std::none_of(partials_.begin(), partials_.end(), has_rows)) return usage;
  UsageRuns& files = usage.moved_to_files();
  for (const PartialFile& partial : partials_)
    if (partial.has_rows) files.add(partial.rows);
  return usage;
}

void MergedRecords::settle(std::size_t input, InputTotals& totals) const {
  const auto next = std::upper_bound(first_inputs_.begin(), first_inputs_.end(), input);
  const auto partial = static_cast<std::size_t>(next - first_inputs_.begin()) - 1;
  const KeyedTotals& before = partials_[partial].records->by_input[input - first_inputs_[partial]];
  replace_records(totals, {before, 0, {}}, pass_->totals()[input]);
}

InputTotals MergedRecords::totals() const {
  InputTotals all;
  for (std::size_t i = 0; i < partials_.size(); ++i) {
    InputTotals totals = partials_[i].totals;
    SurvivorTotals after;
    for (std::size_t input = first_inputs_[i]; input < first_inputs_[i + 1]; ++input)
      after += pass_->totals()[input];
    replace_records(totals, {partials_[i].records->totals, 0, {}}, after);
    all += totals;
  }
  return all;
}

KeptSource MergedRecords::records() const {
  KeptSource kept{*stage_, pass_->tasks(), std::vector<std::uint32_t>(stage_->input_count())};
  std::iota(kept.input_of.begin(), kept.input_of.end(), std::uint32_t{0});
  return kept;
}

MeteredUsage MergedRecords::rows(const SumRules& rules) const {
  MeteredUsage usage{rules, nullptr, UsageRuns(rules.rows, spill_)};
  for (const PartialFile& partial : partials_)
    if (partial.has_rows) usage.in_files.add(partial.rows);
  return usage;
}

}  // namespace billing
