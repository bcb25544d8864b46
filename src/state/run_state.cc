#include "state/run_state.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "state/compared_inputs.h"
#include "state/input_planner.h"

namespace billing {
RunState::RunState(const std::string& folder, const UsageOptions& options,
                   std::uint64_t max_logs_bytes)
    : folder_(folder), memory_(max_logs_bytes) {
  header_.options = options;
  if (folder_.has_partial()) {
    open(options);
  } else {
    header_.state = StateIdentity{make_content_secret(), 0};
  }
}

void RunState::open(const UsageOptions& options) {
  const std::string path = folder_.partial_path();
  PartialSink sink;
  sink.input = [this](const PartialInput& input) {
    // What is no state, as is found out below, has seen nothing.
    memory_.add_log(input.name.size(), input.seen ? input.seen->last_line.size() : 0);
    header_.inputs.push_back(input);
  };
  sink.earlier = [this](const EarlierContent& content) {
    memory_.add_earlier_length();
    header_.inputs.back().seen->earlier.push_back(content);
  };
  PartialFile partial = open_partial(path, make_cycle_policy, sink);
  const std::string difference =
      describe_difference(partial.options, folder_.path(), options, "this run");
  if (!difference.empty()) {
    throw Error(ErrorKind::configuration, "\1state: the state was made with other options:\n" +
                                              difference +
                                              "\nuse the same ones, or another folder");
  }
  if (!partial.state) {
    throw Error(ErrorKind::run, quoted_text(path) +
                                    ": is a partial, but no state; choose another "
                                    "folder for \1state");
  }
  header_.state = partial.state;
  rows_ = std::move(partial.rows);
}

std::vector<InputPlan> RunState::plan(std::vector<Input>& inputs,
                                      const std::function<void()>& checkpoint) {
  ComparedInputs compared(header_.inputs, inputs, header_.state->secret, checkpoint);
  return InputPlanner(compared, memory_).plan();
}

bool RunState::take_in(const std::vector<std::string>& names, const std::vector<InputPlan>& plans,
                       const std::vector<InputTotals>& totals) {
  const auto is_new = [](const InputPlan& plan) { return plan.news != InputChange::known; };
  if (std::none_of(plans.begin(), plans.end(), is_new)) return false;
  ++header_.state->runs;
  for (const InputPlan& plan : plans) {
    for (const std::size_t log : plan.ended) {
      SeenContent& seen = *header_.inputs[log].seen;
      seen.taken_bytes = seen.bytes;
      seen.last_line.clear();
    }
  }
  // By size: an input that continues another one comes after it.
  std::vector<std::size_t> order(plans.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&plans](std::size_t a, std::size_t b) {
    return plans[a].seen.bytes < plans[b].seen.bytes;
  });
  std::vector<std::size_t> log_of(plans.size());
  for (const std::size_t i : order) {
    const InputPlan& plan = plans[i];
    if (!is_new(plan)) continue;
    if (plan.news == InputChange::fresh) {
      log_of[i] = header_.inputs.size();
      header_.inputs.push_back({names[i], {}, std::nullopt});
    } else {
      log_of[i] = plan.other ? log_of[*plan.other] : *plan.log;
    }
    SeenContent seen = plan.seen;
    seen.taken_lines = plan.passed_lines + totals[i].records;
    grow(header_.inputs[log_of[i]], names[i], totals[i], seen, plan.start_with_end);
  }
  return true;
}

/// What the log held before stays known, because there may be copies of it.
void RunState::grow(PartialInput& log, const std::string& name, const InputTotals& totals,
                    const SeenContent& seen, const std::optional<EarlierContent>& with_end) const {
  std::vector<EarlierContent> earlier;
  ContentHash head = seen.head;
  if (log.seen) {
    head = log.seen->head;
    earlier = std::move(log.seen->earlier);
    earlier.push_back({log.seen->bytes, log.seen->hash});
    if (with_end) earlier.push_back(*with_end);
  }
  log.name = name;
  log.totals += totals;
  log.seen = seen;
  log.seen->head = head;
  log.seen->earlier = std::move(earlier);
  log.seen->taken_run = header_.state->runs;
}

std::vector<std::size_t> RunState::with_unread_end(const std::vector<InputPlan>& plans) const {
  std::vector<bool> reads_on(header_.inputs.size(), false);
  for (const InputPlan& plan : plans) {
    if (plan.news == InputChange::grown && plan.log) reads_on[*plan.log] = true;
    for (const std::size_t log : plan.ended) reads_on[log] = true;
  }
  std::vector<std::size_t> logs;
  for (std::size_t log = 0; log < reads_on.size(); ++log) {
    const SeenContent& seen = *header_.inputs[log].seen;
    if (!reads_on[log] && seen.bytes > seen.taken_bytes) logs.push_back(log);
  }
  return logs;
}

}  // namespace billing
