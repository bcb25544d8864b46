#include "state/input_planner.h"

#include <string_view>
#include <utility>

#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "state/record_borders.h"

namespace billing {
namespace {

/// Of a table, whose header is still to come then.
bool has_only_blanks(std::string_view records) {
  if (records.starts_with(kByteOrderMark)) records.remove_prefix(kByteOrderMark.size());
  return records.find_first_not_of("\r\n") == std::string_view::npos;
}

}  // namespace

InputPlanner::InputPlanner(ComparedInputs& inputs, KnownLogsMemory& memory)
    : inputs_(inputs),
      memory_(memory),
      plans_(inputs.input_count()),
      lineages_(inputs.input_count()),
      is_stood_for_(inputs.log_count()),
      is_taken_over_(inputs.log_count()),
      notes_(inputs, lineages_, plans_) {
  for (std::size_t input = 0; input < plans_.size(); ++input) {
    const ComparedInputs::Start& start = inputs.start(input);
    plans_[input].seen = inputs.seen(input);
    if (const PackedContent* const packed = inputs.new_packed(input))
      plans_[input].packed = *packed;
    plans_[input].start_with_end = start.with_end;
    if (start.with_end) lineages_[input] = start.longest->source;  // until it is decided on
  }
}

std::vector<InputPlan> InputPlanner::plan() {
  for (const std::size_t input : inputs_.by_size()) {
    inputs_.map(input);
    decide(input);
    inputs_.unmap(input);
  }
  return std::move(plans_);
}

void InputPlanner::decide(std::size_t input) {
  const ComparedInputs::Start& start = inputs_.start(input);
  const std::uint64_t size = plans_[input].seen.bytes;
  if (size == 0) {
    // Nothing to know it by, and nothing to read.
    notes_.add_replacement(input);
  } else if (start.longest && start.longest->bytes == size) {
    know(input, *start.longest);
  } else if (start.log) {
    know(input, {*start.log, size, false});
  } else if (start.longest && continues(input, *start.longest)) {
    go_on(input, *start.longest);
  } else {
    begin_anew(input, start.longest);
  }
  notes_.add_pair(input);
}

void InputPlanner::know(std::size_t input, const Match& content) {
  InputPlan& plan = plans_[input];
  plan.news = InputChange::known;
  lineages_[input] = lineage_of(content.source);
  const bool is_log = inputs_.is_log(content.source);
  plan.log = is_log ? content.source : plans_[inputs_.input_of(content.source)].log;
  notes_.add_replacement(input);
  if (!is_log) {
    plan.other = inputs_.input_of(content.source);
    return;
  }
  const bool is_all = content.is_whole && content.bytes == plan.seen.bytes;
  plan.stands_for_log =
      is_all && !is_stood_for_[content.source] && !inputs_.has_heirs(content.source);
  if (plan.stands_for_log) is_stood_for_[content.source] = true;
}

void InputPlanner::go_on(std::size_t input, const Match& start) {
  InputPlan& plan = plans_[input];
  plan.news = InputChange::grown;
  lineages_[input] = lineage_of(start.source);
  std::uint64_t begin = 0;
  if (inputs_.is_log(start.source)) {
    const SeenContent& seen = seen_of(start.source);
    plan.log = start.source;
    plan.stands_for_log = true;
    begin = resume(input, seen, seen.taken_lines);
  } else {
    plan.other = inputs_.input_of(start.source);
    InputPlan& other = plans_[*plan.other];
    plan.log = other.log;
    begin = resume(input, other.seen, inputs_.borders().ends_in(0, other.seen.taken_bytes));
    other.seen.last_line.clear();
    other.is_continued = true;
  }
  begin = pass_over_parts(input, begin, start.bytes);
  read_rest(input, begin);
  if (inputs_.borders().border_behind(start.bytes)) return;
  // Logs were put together of which one had no end: their two lines are one there, and what follows
  // cannot be passed over.
  if (const std::optional<Match> part = part_at(input, start.bytes))
    notes_.add_part(input, SharedRecords::Place::in_a_line, *part, start.bytes);
}

/// Where reading goes on: behind whole lines, or behind a last line that was read within another
/// input. If that has gone on since, it is another line.
std::uint64_t InputPlanner::resume(std::size_t input, const SeenContent& start,
                                   std::uint64_t taken_lines) {
  const RecordBorders& borders = inputs_.borders();
  const std::uint64_t taken = start.taken_bytes;
  if (borders.ends_within_parts(taken)) {
    throw Error(ErrorKind::configuration,
                quoted_text(inputs_.input_name(input)) +
                    " has been read with another \1max-record-bytes, which says where its records "
                    "end; read it on as before, or use another \1state");
  }
  const std::optional<std::uint64_t> border =
      borders.is_border(taken) ? std::optional(taken) : borders.border_behind(taken);
  const std::uint64_t begin = border ? *border : borders.last_border(0, taken);
  plans_[input].passed_lines = taken_lines + (begin > taken ? borders.ends_in(taken, begin) : 0);
  return begin;
}

/// Where it begins like other content, that goes on in another way.
void InputPlanner::begin_anew(std::size_t input, const std::optional<Match>& start) {
  plans_[input].news = InputChange::fresh;
  lineages_[input] = inputs_.source_of(input);
  read_rest(input, 0);
  notes_.add_replacement(input);
  notes_.add_likeness(input, start);
}

/// What several logs were put together of counts once, whatever it is called. Reads what lies
/// between `begin`, from where nothing is read yet, and the parts that follow `at_bytes`. Returns
/// where reading goes on.
std::uint64_t InputPlanner::pass_over_parts(std::size_t input, std::uint64_t begin,
                                            std::uint64_t at_bytes) {
  const RecordBorders& borders = inputs_.borders();
  std::optional<std::uint64_t> border = borders.border_behind(at_bytes);
  while (border) {
    const std::optional<Match> part = part_at(input, *border);
    if (!part) break;
    notes_.add_part(input, SharedRecords::Place::in_the_rest, *part, *border);
    const std::uint64_t end = *border + part->bytes;
    const std::optional<std::uint64_t> next = borders.border_behind(end);
    std::uint64_t passed_end = borders.last_border(*border, end);
    if (passed_end < end && !next) refuse_open_part(input, *part);
    if (passed_end < end && next) {
      if (stays_with_part(*part, /*ends_here=*/borders.bytes()[*next - 1] == '\n')) {
        passed_end = *next;
      } else if (part->is_whole && !inputs_.has_heirs(part->source)) {
        take_over_end(input, *part);
      }
    }
    read(input, begin, *border);
    plans_[input].passed_lines += borders.ends_in(*border, passed_end);
    begin = passed_end;
    border = next;
  }
  return begin;
}

/// Whether the last line of a part, which had no end, stays with the part, or with who has read it.
bool InputPlanner::stays_with_part(const Match& part, bool ends_here) const {
  const SeenContent& seen = seen_of(part.source);
  return !ends_here || (part.is_whole && seen.taken_bytes == seen.bytes) ||
         (inputs_.is_log(part.source) && is_taken_over_[part.source]);
}

/// The part's last line was read when half of it was there, and all of it stands in the input. Once
/// the part itself is read on, it is known as far as that line goes.
void InputPlanner::refuse_open_part(std::size_t input, const Match& part) const {
  const SeenContent& seen = seen_of(part.source);
  const bool is_open = part.is_whole && seen.taken_bytes < seen.bytes;
  if (!is_open || inputs_.has_heirs(part.source)) return;
  throw Error(
      ErrorKind::run,
      quoted_text(inputs_.input_name(input)) + " holds what " +
          quoted_text(inputs_.name_of(part.source)) +
          " held when it ended in the middle of a line, and goes on with that line: to bill "
          "it once, read that log as it is now in the same run, or before");
}

/// The last line of a part had no end, and is read within an input.
void InputPlanner::take_over_end(std::size_t input, const Match& part) {
  if (inputs_.is_log(part.source)) {
    plans_[input].ended.push_back(part.source);
    is_taken_over_[part.source] = true;
    return;
  }
  InputPlan& other = plans_[inputs_.input_of(part.source)];
  other.seen.last_line.clear();
  other.seen.taken_bytes = other.seen.bytes;
  other.is_continued = true;
}

/// The longest other content that stands at a place. Half a line by itself says nothing.
std::optional<KnownContent::Match> InputPlanner::part_at(std::size_t input,
                                                         std::uint64_t at_bytes) {
  const RecordEnds ends = inputs_.record_ends_of(inputs_.source_of(input));
  std::optional<Match> longest;
  if (at_bytes == plans_[input].seen.bytes) return longest;
  for (const Match& match : inputs_.starts_at(input, at_bytes)) {
    // Where records end in other places, they are other records.
    if (inputs_.record_ends_of(match.source) != ends) continue;
    if (lineage_of(match.source) == lineages_[input]) continue;
    if (!longest || match.bytes > longest->bytes) longest = match;
  }
  const bool has_record =
      longest && inputs_.borders().records_in(at_bytes, at_bytes + longest->bytes) > 0;
  return has_record ? longest : std::nullopt;
}

void InputPlanner::read(std::size_t input, std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return;
  const std::uint64_t first_line =
      begin == 0 ? 0 : line_ends_in(inputs_.bytes(input).substr(0, begin));
  plans_[input].ranges.push_back({begin, end, first_line});
}

/// Whole records are taken in; what follows may be, once it has an end. What is compressed and
/// whose bytes are not at hand ends with a record.
void InputPlanner::read_rest(std::size_t input, std::uint64_t begin) {
  InputPlan& plan = plans_[input];
  if (!inputs_.has_bytes(input)) {
    plan.seen.taken_bytes = plan.seen.bytes;
    read(input, begin, plan.seen.bytes);
    memory_.add_log(inputs_.input_name(input).size(), 0);
    return;
  }
  const std::string_view bytes = inputs_.bytes(input);
  plan.seen.taken_bytes = inputs_.borders().last_border(begin, bytes.size());
  read(input, begin, plan.seen.taken_bytes);
  plan.has_objects =
      inputs_.record_ends_of(inputs_.source_of(input)).are_objects() &&
      bytes.substr(begin, plan.seen.taken_bytes - begin).find('{') != std::string_view::npos;
  plan.ends_with_first = has_only_blanks(bytes.substr(0, plan.seen.taken_bytes));
  const std::string_view last_line = bytes.substr(plan.seen.taken_bytes);
  const bool is_kept = last_line.size() <= kMaxLastLineBytes;
  memory_.add_log(inputs_.input_name(input).size(), is_kept ? last_line.size() : 0);
  if (is_kept) plan.seen.last_line = last_line;
}

const SeenContent& InputPlanner::seen_of(std::size_t source) const {
  return inputs_.is_log(source) ? *inputs_.log(source).seen : plans_[inputs_.input_of(source)].seen;
}

/// Known content goes back to a log, or to the input that it came with first.
std::size_t InputPlanner::lineage_of(std::size_t source) const {
  return inputs_.is_log(source) ? source : lineages_[inputs_.input_of(source)];
}

/// Whether it is this input that continues what it begins with. What a log held before it grew has
/// been continued, and so has what lies in between.
bool InputPlanner::continues(std::size_t input, const Match& start) const {
  std::size_t owner = start.source;
  if (inputs_.is_log(start.source)) {
    if (!start.is_whole) return false;
  } else {
    const InputPlan& other = plans_[inputs_.input_of(start.source)];
    if (other.news == InputChange::known) return false;
    owner = other.log.value_or(start.source);
  }
  return inputs_.heir_of(start.source, inputs_.name_of(owner)) == input;
}

}  // namespace billing
