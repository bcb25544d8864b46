#pragma once

// The passes of a run with a state: what is to be read, what it adds up to, and the state
// afterwards.

#include <memory>
#include <vector>

#include "billing/aggregate.h"
#include "io/input.h"
#include "io/output_file.h"
#include "job/job_context.h"
#include "job/metering.h"
#include "job/reject_ledger.h"
#include "job/run_state.h"

namespace billing {

/// What is read of a job's inputs: without a state, all of each.
struct Reading {
  std::vector<Input> inputs;
  std::vector<LedgerInput> ledger;           ///< the same inputs
  std::vector<std::string_view> last_lines;  ///< to be metered by themselves; see RunState
};
Reading read_all(std::vector<Input> inputs);

class IncrementalRun {
 public:
  /// `context` must outlive the run. Opens the job's state; throws as RunState does.
  IncrementalRun(const AggregateJob& job, const JobContext& context);

  /// Finds out what is new in the inputs.
  Reading plan(std::vector<Input> inputs);

  /// Throws Error(run) where what was read of an input is no longer what was compared. An input may
  /// grow meanwhile.
  void verify(const std::vector<Input>& inputs) const;

  /// Reports everything seen: by earlier runs, and by this one.
  void account(const Metered& metered, JobReport& report);

  /// Writes the new state, if it is one, beside the old one. Afterwards `metered.usage` is that of
  /// everything seen.
  void store(Metered& metered);

  /// Puts the new state in the old one's place.
  void commit();

  /// All inputs, for a partial.
  const PartialHeader& header() const { return state_.header(); }
  /// The lines that are billed but not taken in.
  const PartialInput& last_lines() const { return last_lines_input_; }

 private:
  void account_last_lines(const Metered& metered, std::vector<InputTotals>& inputs,
                          std::vector<InputTotals>& earlier, StateReport& state);
  void warn_of_unfinished(const std::string& name, std::size_t bytes) const;

  const JobContext& context_;
  RunState state_;
  std::vector<InputPlan> plans_;
  std::vector<std::size_t> input_of_;    // for each that is read: which one of the job's
  std::vector<std::string> names_;       // of the job's inputs
  std::vector<std::string> last_lines_;  // those of the job's inputs, then those of earlier ones
  std::vector<std::size_t> input_of_last_line_;    // of the job's
  std::vector<std::size_t> earlier_of_last_line_;  // of the state's, for those of earlier ones
  PartialInput last_lines_input_{"lines without an end", {}, {}};
  std::uint64_t too_long_lines_ = 0;  // last lines that are not kept
  bool changed_ = false;
  std::unique_ptr<OutputFile> output_;
};

}  // namespace billing
