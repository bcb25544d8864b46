#include "job/incremental_run.h"

#include <fmt/format.h>

#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "job/metered_usage.h"

namespace billing {
namespace {

std::string_view name_of(InputNews news) {
  switch (news) {
    case InputNews::known:
      return "known";
    case InputNews::grown:
      return "grown";
    case InputNews::fresh:
      return "new";
  }
  __builtin_unreachable();
}

}  // namespace

Reading read_all(std::vector<Input> inputs) {
  Reading reading;
  for (const Input& input : inputs) reading.ledger.push_back({input.name(), 0});
  reading.inputs = std::move(inputs);
  return reading;
}

IncrementalRun::IncrementalRun(const AggregateJob& job, const JobContext& context)
    : context_(context),
      state_(*job.state, usage_options(job.group_by, job.cycle_settings, job.filter)) {}

Reading IncrementalRun::plan(std::vector<Input> inputs) {
  for (Input& input : inputs) input.map();
  plans_ = state_.plan(inputs, context_.hooks, context_.checkpoint);
  Reading reading;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const InputPlan& plan = plans_[i];
    names_.push_back(inputs[i].name());
    if (plan.news == InputNews::known) continue;
    inputs[i].restrict_to(plan.begin_bytes, plan.seen.taken_bytes);
    reading.ledger.push_back({inputs[i].name(), plan.first_line});
    reading.inputs.push_back(std::move(inputs[i]));
    input_of_.push_back(i);
    if (plan.seen.last_line.empty()) {
      if (plan.seen.bytes > plan.seen.taken_bytes && !plan.is_continued) {
        warn_of_unfinished(names_[i], plan.seen.bytes - plan.seen.taken_bytes);
        ++too_long_lines_;
      }
      continue;
    }
    last_lines_.push_back(plan.seen.last_line);
    input_of_last_line_.push_back(i);
  }
  earlier_of_last_line_ = state_.with_last_line(plans_);
  for (const std::size_t i : earlier_of_last_line_)
    last_lines_.push_back(state_.header().inputs[i].seen->last_line);
  for (const std::string& line : last_lines_) reading.last_lines.push_back(line);
  return reading;
}

void IncrementalRun::verify(const std::vector<Input>& inputs) const {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Input& input = inputs[i];
    const SeenContent& seen = plans_[input_of_[i]].seen;
    if (input.is_unchanged()) continue;
    // A log that is being written to goes on changing; what was read of it must not.
    if (input.has_lost_pages() ||
        hash_prefixes(input.fd(), input.name(), {seen.bytes}, context_.checkpoint).front() !=
            seen.hash)
      input.verify_unchanged();
  }
}

void IncrementalRun::account(const Metered& metered, JobReport& report) {
  std::vector<InputTotals> taken(plans_.size());
  for (std::size_t i = 0; i < input_of_.size(); ++i) taken[input_of_[i]] = metered.totals[i];
  const std::vector<InputTotals> whole_lines = taken;
  report.state.emplace();
  const std::vector<PartialInput>& earlier = state_.header().inputs;
  std::vector<InputTotals> earlier_totals;
  earlier_totals.reserve(earlier.size());
  for (const PartialInput& input : earlier) earlier_totals.push_back(input.totals);
  account_last_lines(metered, taken, earlier_totals, *report.state);

  std::vector<bool> reported(earlier.size(), false);
  for (std::size_t i = 0; i < plans_.size(); ++i) {
    const InputPlan& plan = plans_[i];
    report.inputs.push_back({names_[i], taken[i], name_of(plan.news)});
    if (plan.news == InputNews::known && plan.earlier) {
      report.inputs.back().totals = earlier_totals[*plan.earlier];
      reported[*plan.earlier] = true;
    }
    ++(plan.news == InputNews::known   ? report.state->known
       : plan.news == InputNews::grown ? report.state->grown
                                       : report.state->fresh);
  }
  for (std::size_t i = 0; i < earlier.size(); ++i) {
    if (!reported[i]) report.inputs.push_back({earlier[i].name, earlier_totals[i], {}});
  }
  changed_ = state_.take_in(names_, plans_, whole_lines);
  report.totals = state_.header().totals();
  report.totals += last_lines_input_.totals;
}

/// What cannot be billed is not rejected: the rest of the line may be on its way.
void IncrementalRun::account_last_lines(const Metered& metered, std::vector<InputTotals>& inputs,
                                        std::vector<InputTotals>& earlier, StateReport& state) {
  state.unfinished = too_long_lines_;
  for (std::size_t i = 0; i < last_lines_.size(); ++i) {
    const InputTotals& line = metered.last_lines_totals[i];
    const bool is_of_this_run = i < input_of_last_line_.size();
    if (line.rejected_total() > 0) {
      ++state.unfinished;
      if (is_of_this_run) warn_of_unfinished(names_[input_of_last_line_[i]], last_lines_[i].size());
      continue;
    }
    last_lines_input_.totals += line;
    if (is_of_this_run) {
      inputs[input_of_last_line_[i]] += line;
    } else {
      earlier[earlier_of_last_line_[i - input_of_last_line_.size()]] += line;
    }
  }
}

void IncrementalRun::warn_of_unfinished(const std::string& name, std::size_t bytes) const {
  context_.hooks.warn(
      fmt::format("{}: its last {} are the beginning of a line; it is billed when it is "
                  "complete",
                  quoted_text(name), counted(bytes, "byte")));
}

void IncrementalRun::store(Metered& metered) {
  UsageRuns& runs = metered.usage.in_files;
  if (metered.usage.in_memory && metered.usage.in_memory->block_count() > 0)
    runs.spill(*metered.usage.in_memory);
  metered.usage.in_memory.reset();
  if (state_.rows()) runs.add(*state_.rows());
  if (changed_) {
    output_ = OutputFile::open(state_.path(), std::nullopt, context_.checkpoint);
    write_partial(metered.usage, state_.header(), *output_, context_.checkpoint);
  }
  if (metered.last_lines && metered.last_lines->block_count() > 0) runs.spill(*metered.last_lines);
}

void IncrementalRun::commit() {
  if (output_) output_->commit();
}

}  // namespace billing
