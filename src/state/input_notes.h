#pragma once

// What a run tells of its inputs: noted while they are decided on, and in words.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/control_totals.h"
#include "state/compared_inputs.h"
#include "state/input_plan.h"
#include "state/known_content.h"

namespace billing {

/// Adds notes to the plan of an input, whose bytes are mapped. One thread.
class InputNotes {
 public:
  /// `lineages`: by input, the source that its content goes back to. All arguments must outlive
  /// this object.
  InputNotes(const ComparedInputs& inputs, const std::vector<std::size_t>& lineages,
             std::vector<InputPlan>& plans)
      : inputs_(inputs), lineages_(lineages), plans_(plans) {}

  /// The log of its name has gone.
  void add_replacement(std::size_t input);
  /// It holds all of another input. Both are there at once, so neither is what the other has grown
  /// into. Of two that are logs of their own add_likeness() tells.
  void add_pair(std::size_t input);
  /// It is a log of its own and begins as `start` does, or in its head like another source.
  void add_likeness(std::size_t input, const std::optional<KnownContent::Match>& start);
  /// It holds another source from `at_bytes` on.
  void add_part(std::size_t input, SharedRecords::Place place, const KnownContent::Match& part,
                std::uint64_t at_bytes);

 private:
  void add_head(std::size_t input);

  const ComparedInputs& inputs_;
  const std::vector<std::size_t>& lineages_;
  std::vector<InputPlan>& plans_;
};

/// `known`, `grown` or `new`.
std::string_view name_of(InputChange news);

/// Warns of records of the input called `name`.
std::string describe(const std::string& name, const SharedRecords& shared);

/// Warns of a log that is not found under its name any more. `old` is what stays billed of it.
std::string describe_replacement(const std::string& name, const InputPlan& plan,
                                 const InputTotals& old);

}  // namespace billing
