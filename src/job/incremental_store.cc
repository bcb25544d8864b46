// What an incremental run leaves in its state: the usage of everything seen, and the totals of
// logs.

#include <algorithm>
#include <limits>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "job/incremental_run.h"
#include "job/metered_usage.h"
#include "job/survivor_meter.h"

namespace billing {

/// The totals of the state's logs where `found` is what stays of their records.
std::vector<InputTotals> IncrementalRun::logs_with(const MeteringResult& metered,
                                                   const DedupedTotals& found) const {
  std::vector<InputTotals> logs;
  for (std::size_t log = 0; log < metered.deduped->log_count; ++log) {
    logs.push_back(state_.header().inputs[log].totals);
    SurvivorTotals before;
    if (state_.records()) before.stay = state_.records()->by_input[log];
    replace_records(logs.back(), before, found.by_input[log]);
  }
  return logs;
}

/// By input, what the state takes in. Duplicates of last lines stay in it: such a line may turn out
/// to be another record.
std::vector<InputTotals> IncrementalRun::taken_lines(const MeteringResult& metered) const {
  std::vector<InputTotals> lines(plans_.size());
  for (std::size_t i = 0; i < input_of_.size(); ++i) {
    InputTotals totals = metered.totals[i];
    if (metered.deduped) {
      const std::size_t place = metered.deduped->log_count + i;
      replace_records(totals, metered.deduped->billed.by_input[place],
                      metered.deduped->of_kept().by_input[place]);
    }
    lines[input_of_[i]] += totals;
  }
  return lines;
}

std::vector<std::uint32_t> IncrementalRun::stage_inputs() const {
  std::vector<std::uint32_t> inputs;
  for (std::size_t log = 0; log < log_count_; ++log)
    inputs.push_back(static_cast<std::uint32_t>(log));
  for (const std::size_t input : input_of_)
    inputs.push_back(static_cast<std::uint32_t>(state_.log_of(input)));
  return inputs;
}

void IncrementalRun::store(MeteringResult& metered) {
  if (metered.deduped) return store_deduped(metered);
  UsageRuns& runs = metered.usage.moved_to_files();
  if (state_.rows()) runs.add(*state_.rows());
  if (changed_) {
    output_ = OutputFile::open(state_.folder().partial_path(), std::nullopt, context_.checkpoint);
    write_partial(metered.usage, state_.header(), *output_, context_.checkpoint);
  }
  if (metered.last_lines && metered.last_lines->block_count() > 0)
    runs.set_beside_files(*metered.last_lines);
}

/// Keys of earlier records than this are forgotten. The newest record is looked for among those
/// that still have a key; rows tell no times, and what is in them was older than others are.
std::int64_t IncrementalRun::keys_from_ns(const DedupedTotals& kept) const {
  constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::min();
  if (!job_.dedupe_window_ns) return kAll;
  std::int64_t newest_ns = kAll;
  for (const SurvivorTotals& input : kept.by_input) {
    if (input.stay.records > 0) newest_ns = std::max(newest_ns, input.stay.latest_ns);
  }
  std::int64_t from_ns = kAll;
  const bool is_beyond = __builtin_sub_overflow(newest_ns, *job_.dedupe_window_ns, &from_ns);
  return is_beyond ? kAll : from_ns;
}

/// What the state keeps as rows: those that it has, and records whose keys it forgets now.
MeteredUsage IncrementalRun::rows_without_keys(const MeteringResult& metered,
                                               const CyclePolicy& cycles,
                                               std::int64_t before_ns) const {
  const SpillOptions spill =
      spill_options(job_.temp_folder, context_.memory, context_.checkpoint, nullptr);
  const SumRules& rules = metered.usage.rules;
  MeteredUsage rows{rules, nullptr, UsageRuns(rules.rows, spill)};
  if (job_.dedupe_window_ns) {
    const DedupedUsage& deduped = *metered.deduped;
    SurvivorPass pass(*deduped.stage, {.input_end = deduped.kept_end(), .before_ns = before_ns});
    const MeterOptions options{
        .key = job_.usage.key(), .cycles = &cycles, .threads = context_.memory.threads};
    rows = meter_survivors(pass, options, rules,
                           {DedupeStage::usage_bytes(context_.memory), context_.memory.names_bytes},
                           spill);
  }
  if (!state_.rows()) return rows;
  rows.moved_to_files().add(*state_.rows());
  return rows;
}

/// The usage is that of all records already, those of earlier runs too.
void IncrementalRun::store_deduped(MeteringResult& metered) {
  MeteredUsage& usage = metered.usage;
  if (changed_) {
    const std::int64_t from_ns = keys_from_ns(metered.deduped->of_kept());
    const auto cycles = make_cycle_policy(job_.usage.cycles);
    MeteredUsage rows = rows_without_keys(metered, *cycles, from_ns);
    const DedupedUsage& deduped = *metered.deduped;
    const KeptSource kept{*deduped.stage, deduped.of_kept().tasks, stage_inputs(), from_ns};
    output_ = OutputFile::open(state_.folder().partial_path(), std::nullopt, context_.checkpoint);
    write_partial(rows, state_.header(), *output_, context_.checkpoint, &kept);
  }
  if (!state_.rows()) return;
  usage.moved_to_files().add(*state_.rows());
}

void IncrementalRun::commit() {
  rejects_.keep();
  if (output_) output_->commit();
}

void IncrementalRun::end() {
  if (!rejects_.forget(lists_rejects_)) {
    context_.hooks.warn(quoted_text(state_.folder().path()) +
                        ": rejects that have been listed cannot be removed there; the next run "
                        "lists them once more");
  }
  if (waiting_rejects_ == 0) return;
  const std::string rejects = counted(waiting_rejects_, "reject") + " of earlier runs";
  context_.hooks.warn(lists_rejects_
                          ? "the rejects file begins with " + rejects +
                                ", which ended before their own rejects file was in place"
                          : rejects + (waiting_rejects_ == 1 ? " is" : " are") +
                                " in no rejects file yet; use \1rejects FILE to list them");
}

}  // namespace billing
