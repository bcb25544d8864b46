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
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/input.h"
#include "partials/partial_input.h"
#include "state/known_content.h"

namespace billing {

enum class InputChange { known, grown, fresh };

/// Records of an input that stand in other content, too.
struct SharedRecords {
  enum class Place {
    everywhere,         ///< the input is equal to the other content; counts once
    at_the_start,       ///< the input begins with all of it; counts once
    in_the_rest,        ///< what the input has grown by begins with all of it; counts once
    before_it_differs,  ///< the input begins as it does, and is a log of its own; counts twice
    in_the_head,        ///< their first bytes are the same, and no more is known; counts twice
    in_a_line,  ///< as in_the_rest, but begins in the middle of a line; all but its first counts
                ///< twice
  };
  Place place;
  std::string with;  ///< the name of that content; that of the input for an earlier log of it
  std::uint64_t records = 0;  ///< 0 for in_the_head
};

/// Whole lines of an input that are read.
struct LineRange {
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;
  std::uint64_t first_line = 0;  ///< lines of the file before them
};

/// What a run does with one of its inputs.
struct InputPlan {
  InputChange news = InputChange::known;
  std::optional<std::size_t> log;    ///< of the state: the one that it is or continues
  std::optional<std::size_t> other;  ///< input of this run: the one that it equals or continues
  bool stands_for_log = false;       ///< holds all that `log` has held: one input at most
  std::vector<LineRange> ranges;     ///< what is read, in order; none of an input that is known
  std::uint64_t passed_lines = 0;    ///< that are taken in and not read
  SeenContent seen;                  ///< afterwards; its lines are not counted yet
  bool is_continued = false;         ///< its last line is read within another
  std::vector<SharedRecords> shared;
  std::vector<std::size_t> ended;  ///< logs whose last line, which had no end, is read within it
  /// What it goes on with, and the end of that one's last line, where it had none and ends so.
  std::optional<EarlierContent> start_with_end;
  std::optional<std::size_t> replaced;  ///< the log of its name, which no input holds any more
};

/// A longer unfinished last line is not kept in the state: it is billed once it ends.
inline constexpr std::uint64_t kMaxLastLineBytes = std::uint64_t{64} << 10;

/// For one run. All arguments must outlive the planner.
class InputPlanner {
 public:
  /// `logs` are the state's; all have been seen. What is taken in is counted in `memory`.
  InputPlanner(const std::vector<PartialInput>& logs, const ContentSecret& secret,
               KnownLogsMemory& memory, const std::function<void()>& checkpoint);

  /// By input. Throws Error(run) for one that is no regular file, and as KnownLogsMemory does.
  std::vector<InputPlan> plan(std::vector<Input>& inputs);

 private:
  using Match = KnownContent::Match;

  /// What an input begins with.
  struct Start {
    std::optional<Match> longest;      ///< of equal length, a log
    std::optional<Match> longest_log;  ///< content of the state
    std::optional<std::size_t> inner;  ///< the longest other input that it begins with all of
    /// A log that has held all of this input: it did when it was read, or an input that begins with
    /// this one shows it.
    std::optional<std::size_t> log;
  };

  void map(std::size_t input);
  void compare(std::size_t input);
  void find_logs_that_hold_inputs();
  void find_heirs();
  void find_ended_lines();
  void decide(std::size_t input);
  void know(std::size_t input, const Match& content);
  void go_on(std::size_t input, const Match& start);
  std::uint64_t resume(std::size_t input, const SeenContent& start, std::uint64_t taken_lines);
  void begin_anew(std::size_t input, const std::optional<Match>& start);
  std::uint64_t pass_over_parts(std::size_t input, std::uint64_t begin, std::uint64_t at_bytes);
  void take_over_end(std::size_t input, const Match& part);
  void read(std::size_t input, std::uint64_t begin, std::uint64_t end);
  void read_rest(std::size_t input, std::uint64_t begin);
  void note_pair(std::size_t input);
  void note_head(std::size_t input);
  void note_part_in_a_line(std::size_t input, std::uint64_t at_bytes);
  void note_replacement(std::size_t input);

  bool is_log(std::size_t source) const { return source < logs_.size(); }
  std::size_t source_of(std::size_t input) const { return logs_.size() + input; }
  std::size_t input_of(std::size_t source) const { return source - logs_.size(); }
  const std::string& name_of(std::size_t source) const;
  std::size_t lineage_of(std::size_t source) const;
  bool may_be_continued(const Match& start) const;
  std::size_t heir_of(std::size_t source) const;
  std::optional<Match> part_at(std::size_t input, std::uint64_t at_bytes);
  std::string_view bytes_of(std::size_t input) const { return (*inputs_)[input].bytes(); }
  const SeenContent& seen_of(std::size_t source) const;

  const std::vector<PartialInput>& logs_;
  KnownLogsMemory& memory_;
  PrefixHasher hasher_;
  KnownContent known_;  // sources: the logs, then the inputs
  std::unordered_map<std::string_view, std::size_t> latest_log_;  // by name
  std::vector<bool> is_held_;                                     // by log: an input begins with it
  std::vector<bool> is_stood_for_;                                // by log: see InputPlan

  std::vector<Input>* inputs_ = nullptr;  // one at a time is mapped
  std::vector<std::size_t> order_;        // of the inputs: what one begins with comes before it
  std::vector<InputPlan> plans_;
  std::vector<Start> starts_;                              // by input
  std::map<std::size_t, std::vector<std::size_t>> heirs_;  // inputs that may continue a source
  std::vector<std::size_t> lineages_;  // by input: the source that its content goes back to
  std::deque<SeenContent> ended_;      // see InputPlan::start_with_end
  std::vector<bool> is_taken_over_;    // by log: its last line is read within an input of this run
};

}  // namespace billing
