#pragma once

// Decides which part of each input an incremental run reads.
//
// Inputs are compared by content, not by name. One that begins with everything a log held when it
// was last read *is* that log: known, or grown and then read from where reading ended. Only one
// input may continue a log. Another that begins the same and then differs is a new log, billed from
// its start.
//
// What a file has grown by may begin with other logs, one after the other: these parts are passed
// over. Where a part's last line had no end and ends within the file, it is read there, and is no
// longer the part's.

#include <cstdint>
#include <optional>
#include <vector>

#include "state/compared_inputs.h"
#include "state/input_notes.h"
#include "state/input_plan.h"
#include "state/known_content.h"

namespace billing {

/// For one run. One thread.
class InputPlanner {
 public:
  /// Both must outlive the planner. What is taken in is counted in `memory`.
  InputPlanner(ComparedInputs& inputs, KnownLogsMemory& memory);
  InputPlanner(const InputPlanner&) = delete;
  InputPlanner& operator=(const InputPlanner&) = delete;

  /// By input. Throws as ComparedInputs::map() and KnownLogsMemory do. Once.
  std::vector<InputPlan> plan();

 private:
  using Match = ComparedInputs::Match;

  void decide(std::size_t input);
  void know(std::size_t input, const Match& content);
  void go_on(std::size_t input, const Match& start);
  std::uint64_t resume(std::size_t input, const SeenContent& start, std::uint64_t taken_lines);
  void begin_anew(std::size_t input, const std::optional<Match>& start);
  std::uint64_t pass_over_parts(std::size_t input, std::uint64_t begin, std::uint64_t at_bytes);
  bool stays_with_part(const Match& part, bool ends_here) const;
  void refuse_open_part(std::size_t input, const Match& part) const;
  void take_over_end(std::size_t input, const Match& part);
  std::optional<Match> part_at(std::size_t input, std::uint64_t at_bytes);
  void read(std::size_t input, std::uint64_t begin, std::uint64_t end);
  void read_rest(std::size_t input, std::uint64_t begin);

  const SeenContent& seen_of(std::size_t source) const;
  std::size_t lineage_of(std::size_t source) const;
  bool continues(std::size_t input, const Match& start) const;

  ComparedInputs& inputs_;  // one at a time is mapped
  KnownLogsMemory& memory_;
  std::vector<InputPlan> plans_;
  std::vector<std::size_t> lineages_;  // by input: the source that its content goes back to
  std::vector<bool> is_stood_for_;     // by log: see InputPlan
  std::vector<bool> is_taken_over_;    // by log: its last line is read within an input of this run
  InputNotes notes_;
};

}  // namespace billing
