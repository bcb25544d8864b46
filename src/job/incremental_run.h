#pragma once

// The passes of a run with a state: what is to be read, what it adds up to, and the state
// afterwards.

#include <memory>
#include <vector>

#include "billing/aggregate.h"
#include "io/input.h"
#include "io/output_file.h"
#include "job/input_formats.h"
#include "job/job_context.h"
#include "job/metering.h"
#include "job/reject_ledger.h"
#include "state/run_state.h"
#include "state/undelivered_rejects.h"

namespace billing {

class IncrementalRun {
 public:
  /// `job` is as it was asked for: its formats are not known yet. It and `context` must outlive the
  /// run. Opens the job's state; throws as RunState does.
  IncrementalRun(const AggregateJob& job, const JobContext& context);

  /// Collects this run's rejects, so that they survive if the run dies before its result is in
  /// place. Those that earlier runs left behind go into this run's rejects file, if it has one.
  UndeliveredRejects& rejects() { return rejects_; }

  /// Finds out which of the inputs are known, and how records of the others are to be read: as
  /// they were before, where they are of a log that has grown.
  InputFormats compare(std::vector<Input> inputs);

  /// Finds out what is new in the inputs. `formats` are those of compare().
  Reading plan(const InputFormats& formats);

  /// Throws Error(run) where what was read of an input is no longer what was compared. An input may
  /// grow meanwhile.
  void verify(const std::vector<Input>& inputs) const;

  /// Reports everything seen: by earlier runs, and by this one.
  void account(const MeteringResult& metered, JobReport& report);

  /// Writes the new state beside the old one, if anything has changed. Afterwards `metered.usage`
  /// is that of everything seen.
  void store(MeteringResult& metered);

  /// Puts the new state in the old one's place.
  void commit();

  /// Call once the result is in place. Reports rejects left by earlier runs.
  void end();

  /// All inputs, for a partial of what is billed.
  const std::vector<PartialInput>& billed_inputs() const { return billed_inputs_; }
  /// Which one of them each input of a DedupeStage is, but for last lines.
  std::vector<std::uint32_t> stage_inputs() const;
  /// The lines that are billed but not taken in.
  const PartialInput& last_lines() const { return last_lines_input_; }

 private:
  /// A last line without an end, which is metered by itself.
  struct OpenEnd {
    std::string_view bytes;      ///< of the log or plan that owns it
    std::uint64_t offset_bytes;  ///< in its file
    bool is_of_log;              ///< of the state, else of an input
    std::size_t owner;           ///< which one
    bool may_be_header;
    std::string teller;  ///< the input to warn of where it cannot be billed yet; empty for none
  };

  void read(std::size_t input, const Input& file, const InputFormats& formats, Reading& reading);
  /// `end` without its bytes.
  void keep_end(const SeenContent& seen, OpenEnd end);
  RecordFormat last_line_format(bool is_of_log, std::size_t owner) const;
  bool is_undecided(bool is_of_log, std::size_t owner) const;
  RecordFormat last_format(const InputFormats& formats, std::size_t input) const;
  void refuse_other_borders(const InputFormats& formats) const;
  void refuse_other_arrays(const InputFormats& formats) const;
  void warn_of_formats(const InputFormats& formats) const;
  InputFormats last_line_formats(const InputFormats& formats) const;
  void account_last_lines(const MeteringResult& metered, std::vector<InputTotals>& inputs,
                          std::vector<InputTotals>& logs, StateReport& state);
  void report_inputs(const std::vector<InputTotals>& inputs, const std::vector<InputTotals>& logs,
                     JobReport& report) const;
  void store_deduped(MeteringResult& metered);
  std::int64_t keys_from_ns(const DedupedTotals& kept) const;
  MeteredUsage rows_without_keys(const MeteringResult& metered, const CyclePolicy& cycles,
                                 std::int64_t before_ns) const;
  void warn_of_unfinished(const std::string& name, std::uint64_t bytes) const;
  void warn_of_broken(const std::vector<InputTotals>& read) const;
  std::vector<InputTotals> logs_with(const MeteringResult& metered,
                                     const DedupedTotals& found) const;
  std::vector<InputTotals> taken_lines(const MeteringResult& metered) const;
  void warn_of_shared(StateReport& state) const;
  void warn_of_replaced(const std::vector<InputTotals>& logs) const;

  const AggregateJob& job_;
  const JobContext& context_;
  RunState state_;
  std::vector<Input> inputs_;  // the job's
  UndeliveredRejects rejects_;
  bool lists_rejects_;
  std::uint64_t waiting_rejects_;  // of earlier runs
  std::vector<InputPlan> plans_;
  std::vector<RecordFormat> last_formats_;  // of the last lines of the job's inputs
  std::vector<std::size_t> input_of_;       // for each that is read: which one of the job's
  std::vector<std::string> names_;          // of the job's inputs
  std::vector<Input> packed_;               // of them those that are compressed, and not known
  std::vector<OpenEnd> open_ends_;
  std::vector<PartialInput> billed_inputs_;
  PartialInput last_lines_input_{"lines without an end", {}, {}};
  std::uint64_t unmetered_lines_ = 0;  // last lines that are not kept, or fit no format as yet
  std::size_t log_count_ = 0;          // of the state before the run
  bool changed_ = false;
  std::unique_ptr<OutputFile> output_;
};

}  // namespace billing
