#include "state/input_notes.h"

#include <fmt/format.h>

#include "base/count_text.h"
#include "base/escape_text.h"

namespace billing {
namespace {

/// `1 record counts`, `2 records count`.
std::string records_that_count(std::uint64_t records) {
  return counted(records, "record") + (records == 1 ? " counts" : " count");
}

}  // namespace

void InputNotes::add_replacement(std::size_t input) {
  InputPlan& plan = plans_[input];
  const std::optional<std::size_t> lost = inputs_.log_lost_under_name_of(input);
  // Another log that is known came under this name when files were renamed in turn.
  if (lost && (plan.news == InputChange::fresh || plan.seen.bytes == 0 || plan.log == lost))
    plan.replaced = lost;
}

void InputNotes::add_pair(std::size_t input) {
  InputPlan& plan = plans_[input];
  const std::optional<std::size_t>& other = inputs_.start(input).inner;
  if (plan.seen.bytes == 0 || plan.news == InputChange::fresh || !other) return;
  if (lineages_[*other] != lineages_[input]) return;
  const std::uint64_t other_bytes = plans_[*other].seen.bytes;
  const std::uint64_t records = inputs_.records_in_first(input, other_bytes);
  if (records == 0) return;
  plan.shared.insert(plan.shared.begin(),
                     {other_bytes == plan.seen.bytes ? SharedRecords::Place::everywhere
                                                     : SharedRecords::Place::at_the_start,
                      inputs_.input_name(*other), records});
}

void InputNotes::add_likeness(std::size_t input, const std::optional<KnownContent::Match>& start) {
  InputPlan& plan = plans_[input];
  const std::uint64_t records = start ? inputs_.records_in_first(input, start->bytes) : 0;
  if (records == 0) {
    add_head(input);
  } else if (plan.replaced != start->source) {
    plan.shared.push_back(
        {SharedRecords::Place::before_it_differs, inputs_.name_of(start->source), records});
  }
}

/// Warns of content whose first bytes are known, and that was never read at a length at which more
/// could be compared.
void InputNotes::add_head(std::size_t input) {
  InputPlan& plan = plans_[input];
  if (plan.seen.bytes < kHeadBytes) return;
  for (const std::size_t source : inputs_.with_head_of(input)) {
    // Two inputs alike are told of once.
    if (source >= inputs_.source_of(input) || plan.replaced == source) continue;
    plan.shared.push_back({SharedRecords::Place::in_the_head, inputs_.name_of(source), 0});
    return;
  }
}

void InputNotes::add_part(std::size_t input, SharedRecords::Place place,
                          const KnownContent::Match& part, std::uint64_t at_bytes) {
  const std::uint64_t records = inputs_.borders().records_in(at_bytes, at_bytes + part.bytes);
  plans_[input].shared.push_back({place, inputs_.name_of(part.source), records});
}

std::string_view name_of(InputChange news) {
  switch (news) {
    case InputChange::known:
      return "known";
    case InputChange::grown:
      return "grown";
    case InputChange::fresh:
      return "new";
  }
  __builtin_unreachable();
}

std::string describe(const std::string& name, const SharedRecords& shared) {
  constexpr const char* kAdvice =
      "if these are two logs, not one and its copy, give each a state of its own";
  using Place = SharedRecords::Place;
  const std::string input = quoted_text(name);
  const std::string with =
      (shared.with == name ? "an earlier log called " : "") + quoted_text(shared.with);
  const std::string once = records_that_count(shared.records) + " once";
  switch (shared.place) {
    case Place::everywhere:
      return fmt::format("{} holds the same as {}: {}; {}", input, with, once, kAdvice);
    case Place::at_the_start:
      return fmt::format("{} begins with all of {}: {}; {}", input, with, once, kAdvice);
    case Place::in_the_rest:
      return fmt::format("what is new in {} begins with all of {}: {}", input, with, once);
    case Place::before_it_differs:
      return fmt::format(
          "{} begins as {} does and goes on in another way: it is a log of its own, "
          "and {} twice",
          input, with, records_that_count(shared.records));
    case Place::in_a_line:
      return fmt::format(
          "what is new in {} begins with all of {}, in the middle of a line: {} twice, but for the "
          "first",
          input, with, records_that_count(shared.records));
    case Place::in_the_head:
      return fmt::format(
          "{} begins with the same {} bytes as {}, and more cannot be told: it is a log of its "
          "own; if it is a copy or a part of that, its records count twice",
          input, kHeadBytes, with);
  }
  __builtin_unreachable();
}

std::string describe_replacement(const std::string& name, const InputPlan& plan,
                                 const InputTotals& old) {
  const char* const what =
      plan.news == InputChange::fresh
          ? "is not what was taken in under this name (rotated or rewritten) and is taken in as a "
            "new log"
          : "is shorter than what was taken in under this name (rotated or truncated)";
  return fmt::format(
      "{} {}; {} billed. If it was rotated, name the rotated file too, or what was written to it "
      "since the last run is not billed. If it was corrected in place, {}",
      quoted_text(name), what,
      counted(old.accepted, "call") +
          (old.accepted == 1 ? " of the old one stays" : " of the old one stay"),
      plan.news == InputChange::fresh
          ? "those calls are billed twice: start a new state, and bill corrected records from a "
            "file of their own"
          : "start a new state");
}

}  // namespace billing
