#include "job/input_plan.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "io/first_bytes.h"

namespace billing {
namespace {

/// The place behind the last whole line of bytes that begin with a line.
std::uint64_t last_border(std::string_view bytes) { return bytes.rfind('\n') + 1; }  // npos + 1 = 0

std::uint64_t line_ends_in(std::string_view bytes) {
  return static_cast<std::uint64_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

/// From the smallest on: what an input begins with is decided before it.
std::vector<std::size_t> by_size(const std::vector<Input>& inputs) {
  std::vector<std::size_t> order(inputs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&inputs](std::size_t a, std::size_t b) {
    return inputs[a].size_bytes() < inputs[b].size_bytes();
  });
  return order;
}

void check(const Input& input) {
  if (!input.size_bytes() || input.name() == kStdinName)
    input.fail("--state wants regular files: it knows them by what they hold");
  if (*input.size_bytes() > 0 && !input.is_mapped())
    input.fail("cannot be mapped into memory; --state needs that");
}

}  // namespace

InputPlanner::InputPlanner(const std::vector<PartialInput>& logs, const ContentSecret& secret,
                           const std::function<void()>& checkpoint)
    : logs_(logs), hasher_(secret, checkpoint), is_held_(logs.size()), is_stood_for_(logs.size()) {
  for (std::size_t log = 0; log < logs.size(); ++log) {
    known_.add(log, *logs[log].seen);
    const auto [latest, is_first] = latest_log_.emplace(logs[log].name, log);
    if (!is_first && logs[latest->second].seen->taken_run < logs[log].seen->taken_run)
      latest->second = log;
  }
}

std::vector<InputPlan> InputPlanner::plan(const std::vector<Input>& inputs) {
  inputs_ = &inputs;
  plans_.resize(inputs.size());
  matches_.resize(inputs.size());
  lines_.resize(inputs.size());
  const std::vector<std::size_t> order = by_size(inputs);
  for (const Input& input : inputs) check(input);
  for (const std::size_t input : order) {
    compare(input);
    inputs[input].close();
  }
  for (std::size_t input = 0; input < inputs.size(); ++input) {
    const Match* const start = longest_start(input);
    if (start == nullptr || start->bytes == inputs[input].size_bytes()) continue;
    if (start->is_whole) heirs_[start->source].push_back(input);
  }
  for (const std::size_t input : order) {
    decide(input);
    inputs[input].close();
  }
  return std::move(plans_);
}

void InputPlanner::compare(std::size_t input) {
  const Input& file = (*inputs_)[input];
  const std::uint64_t size = *file.size_bytes();
  if (size == 0) return;
  SeenContent& seen = plans_[input].seen;
  seen.bytes = size;
  hasher_.begin(file.fd(), file.name());
  seen.head = hasher_.of_first(std::min(size, kHeadBytes));
  hasher_.begin(file.fd(), file.name());
  matches_[input] = known_.starts_of(hasher_, size);
  seen.hash = hasher_.of_first(size);
  known_.add(source_of(input), seen);
  for (const Match& match : matches_[input]) {
    if (is_log(match.source) && match.is_whole) is_held_[match.source] = true;
  }
}

void InputPlanner::decide(std::size_t input) {
  const Match* const start = longest_start(input);
  if (plans_[input].seen.bytes == 0) {
    // Nothing to know it by, and nothing to read.
  } else if (start == nullptr) {
    begin_anew(input, nullptr);
  } else if (start->bytes == plans_[input].seen.bytes || lies_between(input, *start)) {
    know(input, *start);
  } else if (may_be_continued(*start) && heir_of(start->source) == input) {
    go_on(input, *start);
  } else {
    begin_anew(input, start);
  }
  note_pair(input);
  note_replacement(input);
}

void InputPlanner::know(std::size_t input, const Match& content) {
  InputPlan& plan = plans_[input];
  plan.news = InputNews::known;
  lines_[input] = line_of(content.source);
  if (!is_log(content.source)) {
    plan.other = input_of(content.source);
    plan.log = plans_[*plan.other].log;
    return;
  }
  plan.log = content.source;
  const bool is_all = content.is_whole && content.bytes == plan.seen.bytes;
  plan.stands_for_log =
      is_all && !is_stood_for_[content.source] && heirs_.find(content.source) == heirs_.end();
  if (plan.stands_for_log) is_stood_for_[content.source] = true;
}

void InputPlanner::go_on(std::size_t input, const Match& start) {
  InputPlan& plan = plans_[input];
  const std::string_view bytes = (*inputs_)[input].bytes();
  plan.news = InputNews::grown;
  lines_[input] = line_of(start.source);
  if (is_log(start.source)) {
    plan.log = start.source;
    plan.stands_for_log = true;
    plan.begin_bytes = logs_[start.source].seen->taken_bytes;
    plan.first_line = logs_[start.source].seen->taken_lines;
  } else {
    InputPlan& other = plans_[input_of(start.source)];
    plan.other = input_of(start.source);
    plan.log = other.log;
    plan.begin_bytes = other.seen.taken_bytes;
    plan.first_line = line_ends_in(bytes.substr(0, plan.begin_bytes));
    other.seen.last_line.clear();
    other.is_continued = true;
  }
  pass_over_parts(input, start.bytes);
  look_at_end(input);
}

/// Where it begins like other content, that goes on in another way.
void InputPlanner::begin_anew(std::size_t input, const Match* start) {
  InputPlan& plan = plans_[input];
  plan.news = InputNews::fresh;
  lines_[input] = source_of(input);
  look_at_end(input);
  if (start == nullptr) return;
  const std::string& other = name_of(start->source);
  const std::uint64_t records = records_in(input, 0, start->bytes);
  if (records > 0 && other != (*inputs_)[input].name())
    plan.shared.push_back({SharedRecords::Place::before_it_differs, other, records});
}

/// What several logs were put together of counts once, whatever it is called.
void InputPlanner::pass_over_parts(std::size_t input, std::uint64_t at_bytes) {
  const Input& file = (*inputs_)[input];
  const std::string_view bytes = file.bytes();
  while (at_bytes < bytes.size() && bytes[at_bytes - 1] == '\n') {
    hasher_.begin(file.fd(), file.name(), at_bytes);
    const std::vector<Match> matches = known_.starts_of(hasher_, bytes.size() - at_bytes);
    const Match* longest = nullptr;
    for (const Match& match : matches) {
      if (!match.is_whole || line_of(match.source) == lines_[input] ||
          (longest != nullptr && match.bytes <= longest->bytes))
        continue;
      longest = &match;
    }
    if (longest == nullptr || bytes.substr(at_bytes, longest->bytes).find('\n') == bytes.npos)
      return;
    pass_over(input, at_bytes, *longest);
    at_bytes += longest->bytes;
  }
}

void InputPlanner::pass_over(std::size_t input, std::uint64_t at_bytes, const Match& part) {
  InputPlan& plan = plans_[input];
  const std::string_view bytes = (*inputs_)[input].bytes();
  const std::uint64_t end = at_bytes + part.bytes;
  plan.begin_bytes = at_bytes + last_border(bytes.substr(at_bytes, part.bytes));
  plan.first_line += line_ends_in(bytes.substr(at_bytes, plan.begin_bytes - at_bytes));
  plan.shared.push_back(
      {SharedRecords::Place::in_the_rest, name_of(part.source), records_in(input, at_bytes, end)});
  // A last line without an end is read here, where it has one.
  if (plan.begin_bytes == end || !record_ends_at(input, end)) return;
  if (is_log(part.source)) {
    plan.ended.push_back(part.source);
  } else {
    plans_[input_of(part.source)].seen.last_line.clear();
    plans_[input_of(part.source)].is_continued = true;
  }
}

/// Whole lines are taken in; what follows may be, once it has an end.
void InputPlanner::look_at_end(std::size_t input) {
  InputPlan& plan = plans_[input];
  const std::string_view rest = (*inputs_)[input].bytes().substr(plan.begin_bytes);
  plan.seen.taken_bytes = plan.begin_bytes + last_border(rest);
  if (plan.seen.bytes - plan.seen.taken_bytes <= kMaxLastLineBytes)
    plan.seen.last_line = rest.substr(last_border(rest));
}

/// Both are there at once, so neither is what the other has grown into.
void InputPlanner::note_pair(std::size_t input) {
  InputPlan& plan = plans_[input];
  if (plan.seen.bytes == 0 || plan.news == InputNews::fresh) return;
  const Match* const other = longest_input(input);
  if (other == nullptr) return;
  const std::uint64_t records = records_in(input, 0, other->bytes);
  if (records == 0) return;
  plan.shared.insert(plan.shared.begin(),
                     {other->bytes == plan.seen.bytes ? SharedRecords::Place::everywhere
                                                      : SharedRecords::Place::at_the_start,
                      name_of(other->source), records});
}

void InputPlanner::note_replacement(std::size_t input) {
  InputPlan& plan = plans_[input];
  const auto latest = latest_log_.find((*inputs_)[input].name());
  if (latest == latest_log_.end() || is_held_[latest->second]) return;
  // Another log that is known came under this name when files were renamed in turn.
  if (plan.news == InputNews::fresh || plan.seen.bytes == 0 || plan.log == latest->second)
    plan.replaced = latest->second;
}

const std::string& InputPlanner::name_of(std::size_t source) const {
  return is_log(source) ? logs_[source].name : (*inputs_)[input_of(source)].name();
}

/// Known content goes back to a log, or to the input that it came with first.
std::size_t InputPlanner::line_of(std::size_t source) const {
  return is_log(source) ? source : lines_[input_of(source)];
}

/// Null for none. Of equal content, a log's: it comes first.
const KnownContent::Match* InputPlanner::longest_start(std::size_t input) const {
  const std::vector<Match>& matches = matches_[input];
  const auto longest =
      std::max_element(matches.begin(), matches.end(),
                       [](const Match& a, const Match& b) { return a.bytes < b.bytes; });
  return longest == matches.end() ? nullptr : &*longest;
}

const KnownContent::Match* InputPlanner::longest_input(std::size_t input) const {
  const Match* longest = nullptr;
  for (const Match& match : matches_[input]) {
    if (!is_log(match.source) && (longest == nullptr || match.bytes > longest->bytes))
      longest = &match;
  }
  return longest;
}

/// What a log held before it grew has been continued, and so has what lies in between.
bool InputPlanner::may_be_continued(const Match& start) const {
  if (is_log(start.source)) return start.is_whole;
  return plans_[input_of(start.source)].news != InputNews::known;
}

/// Whether an input is what a log held between two readings: an input goes on with it as the log
/// did.
bool InputPlanner::lies_between(std::size_t input, const Match& start) const {
  if (!is_log(start.source) || start.is_whole) return false;
  return std::any_of(matches_.begin(), matches_.end(), [&](const std::vector<Match>& matches) {
    const auto holds = [&matches](std::size_t source, std::uint64_t more_than_bytes) {
      return std::any_of(matches.begin(), matches.end(), [&](const Match& match) {
        return match.source == source && match.bytes > more_than_bytes;
      });
    };
    return holds(source_of(input), 0) && holds(start.source, start.bytes);
  });
}

/// The input that continues a source: the one of its name, else the first.
std::size_t InputPlanner::heir_of(std::size_t source) const {
  const std::vector<std::size_t>& heirs = heirs_.at(source);
  std::size_t owner = source;
  if (!is_log(source)) owner = plans_[input_of(source)].log.value_or(source);
  const auto same_name = std::find_if(heirs.begin(), heirs.end(), [&](std::size_t heir) {
    return (*inputs_)[heir].name() == name_of(owner);
  });
  return same_name == heirs.end() ? heirs.front() : *same_name;
}

/// How many records of an input end within some of its bytes, which begin with a line.
std::uint64_t InputPlanner::records_in(std::size_t input, std::uint64_t begin,
                                       std::uint64_t end) const {
  const std::string_view bytes = (*inputs_)[input].bytes();
  const bool ends_later = bytes[end - 1] != '\n' && record_ends_at(input, end);
  return line_ends_in(bytes.substr(begin, end - begin)) + (ends_later ? 1 : 0);
}

bool InputPlanner::record_ends_at(std::size_t input, std::uint64_t at_bytes) const {
  std::string_view rest = (*inputs_)[input].bytes().substr(at_bytes);
  if (rest.starts_with('\r')) rest.remove_prefix(1);
  return rest.empty() || rest.front() == '\n';
}

}  // namespace billing
