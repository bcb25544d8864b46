#include "state/input_plan.h"

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

/// Where the line after the one that ends at a place begins; the end of the bytes where none does.
/// Nothing where the place lies within a line. Blanks at its end do not change a record.
std::optional<std::uint64_t> border_behind(std::string_view bytes, std::uint64_t at_bytes) {
  if (at_bytes == 0 || bytes[at_bytes - 1] == '\n') return at_bytes;
  const std::size_t next = bytes.find_first_not_of(" \t\r", at_bytes);
  if (next == std::string_view::npos) return bytes.size();
  return bytes[next] == '\n' ? std::optional<std::uint64_t>(next + 1) : std::nullopt;
}

/// How many records end within [begin, end) of some bytes; `begin` is where a line begins.
std::uint64_t records_in(std::string_view bytes, std::uint64_t begin, std::uint64_t end) {
  const bool ends_later = bytes[end - 1] != '\n' && border_behind(bytes, end);
  return line_ends_in(bytes.substr(begin, end - begin)) + (ends_later ? 1 : 0);
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

}  // namespace

InputPlanner::InputPlanner(const std::vector<PartialInput>& logs, const ContentSecret& secret,
                           KnownLogsMemory& memory, const std::function<void()>& checkpoint)
    : logs_(logs),
      memory_(memory),
      hasher_(secret, checkpoint),
      is_held_(logs.size()),
      is_stood_for_(logs.size()),
      is_taken_over_(logs.size()) {
  for (std::size_t log = 0; log < logs.size(); ++log) {
    known_.add(log, *logs[log].seen);
    const auto [latest, is_first] = latest_log_.emplace(logs[log].name, log);
    if (!is_first && logs[latest->second].seen->taken_run < logs[log].seen->taken_run)
      latest->second = log;
  }
}

std::vector<InputPlan> InputPlanner::plan(std::vector<Input>& inputs) {
  inputs_ = &inputs;
  plans_.resize(inputs.size());
  starts_.resize(inputs.size());
  lineages_.resize(inputs.size());
  order_ = by_size(inputs);
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
  for (const std::size_t input : order_) {
    map(input);
    decide(input);
    inputs[input].unmap();
    inputs[input].close();
  }
  return std::move(plans_);
}

void InputPlanner::map(std::size_t input) {
  Input& file = (*inputs_)[input];
  file.map();
  if (*file.size_bytes() > 0 && !file.is_mapped())
    file.fail("cannot be mapped into memory; \1state needs that");
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
  Start& start = starts_[input];
  const auto is_longer = [](const Match& match, const std::optional<Match>& than) {
    return !than || match.bytes > than->bytes;
  };
  for (const Match& match : known_.starts_of(hasher_, size)) {
    if (is_longer(match, start.longest)) start.longest = match;
    if (!is_log(match.source)) {
      if (!start.inner || match.bytes > plans_[*start.inner].seen.bytes)
        start.inner = input_of(match.source);
    } else {
      if (is_longer(match, start.longest_log)) start.longest_log = match;
      if (match.is_whole) is_held_[match.source] = true;
    }
  }
  seen.hash = hasher_.of_first(size);
  // One stands for all that are equal.
  if (!start.inner || plans_[*start.inner].seen.bytes < size) known_.add(source_of(input), seen);
}

void InputPlanner::find_logs_that_hold_inputs() {
  for (auto input = order_.rbegin(); input != order_.rend(); ++input) {
    Start& start = starts_[*input];
    const std::uint64_t size = plans_[*input].seen.bytes;
    if (start.longest_log && start.longest_log->bytes == size)
      start.log = start.longest_log->source;
    if (!start.inner) continue;
    const std::uint64_t held_bytes = start.log           ? size
                                     : start.longest_log ? start.longest_log->bytes
                                                         : 0;
    if (held_bytes >= plans_[*start.inner].seen.bytes)
      starts_[*start.inner].log = start.log ? start.log : start.longest_log->source;
  }
}

void InputPlanner::find_heirs() {
  for (std::size_t input = 0; input < starts_.size(); ++input) {
    const Start& start = starts_[input];
    if (!start.longest || !start.longest->is_whole || start.log) continue;
    if (start.longest->bytes < plans_[input].seen.bytes)
      heirs_[start.longest->source].push_back(input);
  }
}

/// Where an input ends the last line of what it goes on with, that is known content, too: of it the
/// line is known as it is billed.
void InputPlanner::find_ended_lines() {
  for (const auto& [source, heirs] : heirs_) {
    const std::size_t input = heir_of(source);
    Input& file = (*inputs_)[input];
    const std::uint64_t start_bytes = starts_[input].longest->bytes;
    map(input);
    const std::string_view bytes = file.bytes();
    const bool is_open = bytes[start_bytes - 1] != '\n';
    const std::optional<std::uint64_t> border = border_behind(bytes, start_bytes);
    const bool ends = is_open && border && bytes[*border - 1] == '\n' && *border < bytes.size();
    file.unmap();
    if (ends) {
      SeenContent& seen = ended_.emplace_back();
      seen.bytes = seen.taken_bytes = *border;
      hasher_.begin(file.fd(), file.name());
      seen.head = hasher_.of_first(std::min(*border, kHeadBytes));
      seen.hash = hasher_.of_first(*border);
      plans_[input].start_with_end = EarlierContent{seen.bytes, seen.hash};
      lineages_[input] = source;  // until it is decided on
      known_.add(source_of(input), seen);
    }
    file.close();
  }
}

void InputPlanner::decide(std::size_t input) {
  const Start& start = starts_[input];
  const std::uint64_t size = plans_[input].seen.bytes;
  if (size == 0) {
    // Nothing to know it by, and nothing to read.
    note_replacement(input);
  } else if (start.longest && start.longest->bytes == size) {
    know(input, *start.longest);
  } else if (start.log) {
    know(input, {*start.log, size, false});
  } else if (start.longest && may_be_continued(*start.longest) &&
             heir_of(start.longest->source) == input) {
    go_on(input, *start.longest);
  } else {
    begin_anew(input, start.longest);
  }
  note_pair(input);
}

void InputPlanner::know(std::size_t input, const Match& content) {
  InputPlan& plan = plans_[input];
  plan.news = InputChange::known;
  lineages_[input] = lineage_of(content.source);
  plan.log = is_log(content.source) ? content.source : plans_[input_of(content.source)].log;
  note_replacement(input);
  if (!is_log(content.source)) {
    plan.other = input_of(content.source);
    return;
  }
  const bool is_all = content.is_whole && content.bytes == plan.seen.bytes;
  plan.stands_for_log =
      is_all && !is_stood_for_[content.source] && heirs_.find(content.source) == heirs_.end();
  if (plan.stands_for_log) is_stood_for_[content.source] = true;
}

void InputPlanner::go_on(std::size_t input, const Match& start) {
  InputPlan& plan = plans_[input];
  plan.news = InputChange::grown;
  lineages_[input] = lineage_of(start.source);
  std::uint64_t begin = 0;
  if (is_log(start.source)) {
    const SeenContent& seen = *logs_[start.source].seen;
    plan.log = start.source;
    plan.stands_for_log = true;
    begin = resume(input, seen, seen.taken_lines);
  } else {
    InputPlan& other = plans_[input_of(start.source)];
    plan.other = input_of(start.source);
    plan.log = other.log;
    begin =
        resume(input, other.seen, line_ends_in(bytes_of(input).substr(0, other.seen.taken_bytes)));
    other.seen.last_line.clear();
    other.is_continued = true;
  }
  begin = pass_over_parts(input, begin, start.bytes);
  read_rest(input, begin);
  note_part_in_a_line(input, start.bytes);
}

/// Where reading goes on: behind whole lines, or behind a last line that was read within another
/// input. If that has gone on since, it is another line.
std::uint64_t InputPlanner::resume(std::size_t input, const SeenContent& start,
                                   std::uint64_t taken_lines) {
  const std::string_view bytes = bytes_of(input);
  const std::uint64_t taken = start.taken_bytes;
  const std::optional<std::uint64_t> border = border_behind(bytes, taken);
  const std::uint64_t begin = border ? *border : last_border(bytes.substr(0, taken));
  plans_[input].passed_lines =
      taken_lines + (begin > taken ? line_ends_in(bytes.substr(taken, begin - taken)) : 0);
  return begin;
}

/// Where it begins like other content, that goes on in another way.
void InputPlanner::begin_anew(std::size_t input, const std::optional<Match>& start) {
  InputPlan& plan = plans_[input];
  plan.news = InputChange::fresh;
  lineages_[input] = source_of(input);
  read_rest(input, 0);
  note_replacement(input);
  const std::uint64_t records = start ? records_in(bytes_of(input), 0, start->bytes) : 0;
  if (records == 0) return note_head(input);
  if (plan.replaced != start->source) {
    plan.shared.push_back(
        {SharedRecords::Place::before_it_differs, name_of(start->source), records});
  }
}

/// What several logs were put together of counts once, whatever it is called. Reads what lies
/// between `begin`, from where nothing is read yet, and the parts that follow `at_bytes`. Returns
/// where reading goes on.
std::uint64_t InputPlanner::pass_over_parts(std::size_t input, std::uint64_t begin,
                                            std::uint64_t at_bytes) {
  InputPlan& plan = plans_[input];
  const std::string_view bytes = bytes_of(input);
  std::optional<std::uint64_t> border = border_behind(bytes, at_bytes);
  while (border) {
    const std::optional<Match> part = part_at(input, *border);
    if (!part) break;
    const std::uint64_t end = *border + part->bytes;
    plan.shared.push_back({SharedRecords::Place::in_the_rest, name_of(part->source),
                           records_in(bytes, *border, end)});
    const std::optional<std::uint64_t> next = border_behind(bytes, end);
    std::uint64_t passed_end = last_border(bytes.substr(0, end));
    if (passed_end < end && next) {
      const SeenContent& seen = seen_of(part->source);
      const bool ends_here = bytes[*next - 1] == '\n';
      if (!ends_here || (part->is_whole && seen.taken_bytes == seen.bytes) ||
          (is_log(part->source) && is_taken_over_[part->source])) {
        passed_end = *next;  // it stays with the part, or with who has read it
      } else if (part->is_whole && heirs_.find(part->source) == heirs_.end()) {
        take_over_end(input, *part);
      }
    }
    read(input, begin, *border);
    plan.passed_lines += line_ends_in(bytes.substr(*border, passed_end - *border));
    begin = passed_end;
    border = next;
  }
  return begin;
}

/// The last line of a part had no end, and is read within an input.
void InputPlanner::take_over_end(std::size_t input, const Match& part) {
  if (is_log(part.source)) {
    plans_[input].ended.push_back(part.source);
    is_taken_over_[part.source] = true;
    return;
  }
  InputPlan& other = plans_[input_of(part.source)];
  other.seen.last_line.clear();
  other.seen.taken_bytes = other.seen.bytes;
  other.is_continued = true;
}

/// The longest other content that stands at a place. Half a line by itself says nothing.
std::optional<KnownContent::Match> InputPlanner::part_at(std::size_t input,
                                                         std::uint64_t at_bytes) {
  const Input& file = (*inputs_)[input];
  const std::string_view bytes = file.bytes();
  std::optional<Match> longest;
  if (at_bytes == bytes.size()) return longest;
  hasher_.begin(file.fd(), file.name(), at_bytes);
  for (const Match& match : known_.starts_of(hasher_, bytes.size() - at_bytes)) {
    if (lineage_of(match.source) == lineages_[input]) continue;
    if (!longest || match.bytes > longest->bytes) longest = match;
  }
  const bool has_record = longest && records_in(bytes, at_bytes, at_bytes + longest->bytes) > 0;
  return has_record ? longest : std::nullopt;
}

void InputPlanner::read(std::size_t input, std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return;
  InputPlan& plan = plans_[input];
  const std::uint64_t first_line = line_ends_in(bytes_of(input).substr(0, begin));
  plan.ranges.push_back({begin, end, first_line});
}

/// Whole lines are taken in; what follows may be, once it has an end.
void InputPlanner::read_rest(std::size_t input, std::uint64_t begin) {
  InputPlan& plan = plans_[input];
  const std::string_view rest = bytes_of(input).substr(begin);
  plan.seen.taken_bytes = begin + last_border(rest);
  read(input, begin, plan.seen.taken_bytes);
  const std::string_view last_line = rest.substr(last_border(rest));
  const bool is_kept = last_line.size() <= kMaxLastLineBytes;
  memory_.add_log((*inputs_)[input].name().size(), is_kept ? last_line.size() : 0);
  if (is_kept) plan.seen.last_line = last_line;
}

/// Both are there at once, so neither is what the other has grown into. Of two that are logs of
/// their own it has been told.
void InputPlanner::note_pair(std::size_t input) {
  InputPlan& plan = plans_[input];
  const std::optional<std::size_t>& other = starts_[input].inner;
  if (plan.seen.bytes == 0 || plan.news == InputChange::fresh || !other) return;
  if (lineages_[*other] != lineages_[input]) return;
  const std::uint64_t other_bytes = plans_[*other].seen.bytes;
  const std::uint64_t records = records_in(bytes_of(input), 0, other_bytes);
  if (records == 0) return;
  plan.shared.insert(plan.shared.begin(),
                     {other_bytes == plan.seen.bytes ? SharedRecords::Place::everywhere
                                                     : SharedRecords::Place::at_the_start,
                      (*inputs_)[*other].name(), records});
}

/// Of content that was never read at a length at which it can be compared.
void InputPlanner::note_head(std::size_t input) {
  InputPlan& plan = plans_[input];
  if (plan.seen.bytes < kHeadBytes) return;
  for (const std::size_t source : known_.with_head(plan.seen.head)) {
    // Of two inputs it is told once.
    if (source >= source_of(input) || plan.replaced == source) continue;
    plan.shared.push_back({SharedRecords::Place::in_the_head, name_of(source), 0});
    return;
  }
}

/// Logs were put together of which one had no end: their two lines are one there, and what follows
/// cannot be passed over.
void InputPlanner::note_part_in_a_line(std::size_t input, std::uint64_t at_bytes) {
  const std::string_view bytes = bytes_of(input);
  if (border_behind(bytes, at_bytes)) return;
  const std::optional<Match> part = part_at(input, at_bytes);
  if (!part) return;
  const std::uint64_t records = records_in(bytes, at_bytes, at_bytes + part->bytes);
  plans_[input].shared.push_back({SharedRecords::Place::in_a_line, name_of(part->source), records});
}

void InputPlanner::note_replacement(std::size_t input) {
  InputPlan& plan = plans_[input];
  const auto latest = latest_log_.find((*inputs_)[input].name());
  if (latest == latest_log_.end() || is_held_[latest->second]) return;
  // Another log that is known came under this name when files were renamed in turn.
  if (plan.news == InputChange::fresh || plan.seen.bytes == 0 || plan.log == latest->second)
    plan.replaced = latest->second;
}

const SeenContent& InputPlanner::seen_of(std::size_t source) const {
  return is_log(source) ? *logs_[source].seen : plans_[input_of(source)].seen;
}

const std::string& InputPlanner::name_of(std::size_t source) const {
  return is_log(source) ? logs_[source].name : (*inputs_)[input_of(source)].name();
}

/// Known content goes back to a log, or to the input that it came with first.
std::size_t InputPlanner::lineage_of(std::size_t source) const {
  return is_log(source) ? source : lineages_[input_of(source)];
}

/// What a log held before it grew has been continued, and so has what lies in between.
bool InputPlanner::may_be_continued(const Match& start) const {
  if (is_log(start.source)) return start.is_whole;
  return plans_[input_of(start.source)].news != InputChange::known;
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

}  // namespace billing
