#include "state/compared_inputs.h"

#include <algorithm>
#include <numeric>

#include "io/first_bytes.h"
#include "state/line_borders.h"

namespace billing {
namespace {

std::vector<std::size_t> order_by_size(const std::vector<Input>& inputs) {
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&inputs](std::size_t a, std::size_t b) {
    return inputs[a].size_bytes() < inputs[b].size_bytes();
  });
  return order;
}

}  // namespace

ComparedInputs::ComparedInputs(const std::vector<PartialInput>& logs, std::vector<Input>& inputs,
                               const ContentSecret& secret, const std::function<void()>& checkpoint)
    : logs_(logs),
      inputs_(inputs),
      hasher_(secret, checkpoint),
      is_held_(logs.size()),
      order_(order_by_size(inputs)),
      seen_(inputs.size()),
      starts_(inputs.size()),
      longest_logs_(inputs.size()) {
  for (std::size_t log = 0; log < logs.size(); ++log) {
    known_.add(log, *logs[log].seen);
    const auto [latest, is_first] = latest_log_.emplace(logs[log].name, log);
    if (!is_first && logs[latest->second].seen->taken_run < logs[log].seen->taken_run)
      latest->second = log;
  }
  for (const Input& input : inputs) {
    if (!input.size_bytes() || input.name() == kStdinName)
      input.fail("\1state wants regular files: it knows them by what they hold");
  }
  for (const std::size_t input : order_) {
    compare(input);
    inputs[input].close();
  }
  find_logs_that_hold_inputs();
  find_heirs();
  find_ended_lines();
}

void ComparedInputs::compare(std::size_t input) {
  const Input& file = inputs_[input];
  const std::uint64_t size = *file.size_bytes();
  if (size == 0) return;
  SeenContent& seen = seen_[input];
  seen.bytes = size;
  hasher_.begin(file.fd(), file.name());
  seen.head = hasher_.of_first(std::min(size, kHeadBytes));
  hasher_.begin(file.fd(), file.name());
  Start& start = starts_[input];
  std::optional<Match>& longest_log = longest_logs_[input];
  const auto is_longer = [](const Match& match, const std::optional<Match>& than) {
    return !than || match.bytes > than->bytes;
  };
  for (const Match& match : known_.starts_of(hasher_, size)) {
    if (is_longer(match, start.longest)) start.longest = match;
    if (!is_log(match.source)) {
      if (!start.inner || match.bytes > seen_[*start.inner].bytes)
        start.inner = input_of(match.source);
    } else {
      if (is_longer(match, longest_log)) longest_log = match;
      if (match.is_whole) is_held_[match.source] = true;
    }
  }
  seen.hash = hasher_.of_first(size);
  // One stands for all that are equal.
  if (!start.inner || seen_[*start.inner].bytes < size) known_.add(source_of(input), seen);
}

void ComparedInputs::find_logs_that_hold_inputs() {
  for (auto input = order_.rbegin(); input != order_.rend(); ++input) {
    Start& start = starts_[*input];
    const std::optional<Match>& longest_log = longest_logs_[*input];
    const std::uint64_t size = seen_[*input].bytes;
    if (longest_log && longest_log->bytes == size) start.log = longest_log->source;
    if (!start.inner) continue;
    const std::uint64_t held_bytes = start.log ? size : longest_log ? longest_log->bytes : 0;
    if (held_bytes >= seen_[*start.inner].bytes)
      starts_[*start.inner].log = start.log ? start.log : longest_log->source;
  }
}

void ComparedInputs::find_heirs() {
  for (std::size_t input = 0; input < starts_.size(); ++input) {
    const Start& start = starts_[input];
    if (!start.longest || !start.longest->is_whole || start.log) continue;
    if (start.longest->bytes < seen_[input].bytes) heirs_[start.longest->source].push_back(input);
  }
}

void ComparedInputs::find_ended_lines() {
  for (const auto& [source, heirs] : heirs_) find_ended_line(heir_of(source, name_of(source)));
}

/// Where an input ends the last line of what it goes on with, that is known content, too: of it the
/// line is known as it is billed.
void ComparedInputs::find_ended_line(std::size_t input) {
  const Input& file = inputs_[input];
  const std::uint64_t start_bytes = starts_[input].longest->bytes;
  map(input);
  const std::string_view bytes = file.bytes();
  const bool is_open = bytes[start_bytes - 1] != '\n';
  const std::optional<std::uint64_t> border = border_behind(bytes, start_bytes);
  const bool ends = is_open && border && bytes[*border - 1] == '\n' && *border < bytes.size();
  inputs_[input].unmap();
  if (ends) {
    SeenContent& seen = ended_.emplace_back();
    seen.bytes = seen.taken_bytes = *border;
    hasher_.begin(file.fd(), file.name());
    seen.head = hasher_.of_first(std::min(*border, kHeadBytes));
    seen.hash = hasher_.of_first(*border);
    starts_[input].with_end = EarlierContent{seen.bytes, seen.hash};
    known_.add(source_of(input), seen);
  }
  file.close();
}

const std::string& ComparedInputs::name_of(std::size_t source) const {
  return is_log(source) ? logs_[source].name : input_name(input_of(source));
}

std::size_t ComparedInputs::heir_of(std::size_t source, const std::string& name) const {
  const std::vector<std::size_t>& heirs = heirs_.at(source);
  const auto same_name = std::find_if(heirs.begin(), heirs.end(),
                                      [&](std::size_t heir) { return input_name(heir) == name; });
  return same_name == heirs.end() ? heirs.front() : *same_name;
}

std::optional<std::size_t> ComparedInputs::log_lost_under_name_of(std::size_t input) const {
  const auto latest = latest_log_.find(input_name(input));
  if (latest == latest_log_.end() || is_held_[latest->second]) return std::nullopt;
  return latest->second;
}

std::vector<std::size_t> ComparedInputs::with_head_of(std::size_t input) const {
  return known_.with_head(seen_[input].head);
}

void ComparedInputs::map(std::size_t input) {
  Input& file = inputs_[input];
  file.map();
  if (*file.size_bytes() > 0 && !file.is_mapped())
    file.fail("cannot be mapped into memory; \1state needs that");
}

void ComparedInputs::unmap(std::size_t input) {
  inputs_[input].unmap();
  inputs_[input].close();
}

std::vector<ComparedInputs::Match> ComparedInputs::starts_at(std::size_t input,
                                                             std::uint64_t at_bytes) {
  const Input& file = inputs_[input];
  hasher_.begin(file.fd(), file.name(), at_bytes);
  return known_.starts_of(hasher_, file.bytes().size() - at_bytes);
}

}  // namespace billing
