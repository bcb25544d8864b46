#pragma once

// Incremental runs: what earlier ones have taken in. A state is a folder with a partial, whose
// header lists logs by their content, and a lock.
//
// The last line of a log may lack its end: it is billed like any other, if that can be, but stays
// apart until the log has grown and it is read again.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/control_totals.h"
#include "billing/record_format.h"
#include "io/input.h"
#include "partials/partial_file.h"
#include "state/compared_inputs.h"
#include "state/input_plan.h"
#include "state/known_content.h"
#include "state/state_folder.h"

namespace billing {

class RunState {
 public:
  /// Opens a state, which is made where there is none, for this run alone. Throws Error: run where
  /// it is damaged or in use, configuration where it was made with other options (but for
  /// quantities, which settle() looks at) or the folder is that of something else. Errors as of
  /// KnownLogsMemory, also from plan(). `checkpoint` is called now and then.
  RunState(const std::string& folder, const UsageOptions& options, std::uint64_t max_logs_bytes,
           const std::function<void()>& checkpoint);

  /// Whether a line is an event by itself, read in such a format.
  using BillsLine = std::function<bool(const RecordFormat& format, std::string_view line)>;

  /// Compares each input with what is known. All arguments must outlive this object;
  /// `may_be_arrays` as of ComparedInputs, which also tells what is thrown. Once, and before the
  /// members that ask about inputs.
  void compare(std::vector<Input>& inputs, const std::string& temp_folder, bool may_be_arrays,
               const std::function<void()>& checkpoint, BillsLine bills_line);

  /// What quantities are counted in, where a record has been taken in or a last line is billed that
  /// no input goes on with: it stays so.
  std::optional<QuantityRules> kept_quantity() const;
  /// Whether nothing of the input is new.
  bool is_known(std::size_t input) const;
  /// How the records of the log that the input is, or may go on with, were read; nothing where it
  /// is none, or had no records.
  std::optional<RecordFormat> format_before(std::size_t input) const;
  /// How a log's records were read, with the quantities and the key of the state, and no filters:
  /// a state knows those as one expression, a run as they are said.
  RecordFormat format_of_log(std::size_t log) const;

  /// Throws Error(configuration) where quantities are counted in another way than kept_quantity().
  void settle(const QuantityRules& quantity);

  /// What is to be read of each input, whose records are read as `formats` say, by input, and are
  /// no longer than `max_record_bytes`.
  std::vector<InputPlan> plan(std::span<const RecordFormat* const> formats,
                              std::uint64_t max_record_bytes);
  /// How the input's last line is read, where that is not how its records before it are.
  void set_last_format(std::size_t input, const RecordFormat& format);

  /// Adds what was taken in of each input, in their order.
  /// True where that changes anything.
  bool take_in(const std::vector<std::string>& names, const std::vector<InputPlan>& plans,
               const std::vector<InputTotals>& totals);
  /// The log that an input was taken in by; of those that are new.
  std::size_t log_of(std::size_t input) const { return log_of_[input]; }

  /// Puts other totals in the place of those of the logs: records of theirs may have turned out to
  /// be duplicates. Before take_in().
  void set_totals(std::span<const InputTotals> of_logs);

  /// Whether nothing but blanks and such stands before the log's last line: its header may be it.
  bool ends_with_first(std::size_t log) const;
  /// Whether an input is an array of JSON by its first bytes, and known without its end.
  bool is_array(std::size_t input) const { return compared_->is_array(input); }

  const PartialHeader& header() const { return header_; }
  /// Usage of earlier runs; none in a new state, or where all of it is in records().
  const std::optional<UsageRun>& rows() const { return rows_; }
  /// Records of earlier runs with keys; none in a new state.
  const std::optional<KeptRecords>& records() const { return records_; }
  /// The state's logs whose last line has not been taken in, and is not read anew by any plan.
  std::vector<std::size_t> with_unread_end(const std::vector<InputPlan>& plans) const;

  const StateFolder& folder() const { return folder_; }

 private:
  void open(const UsageOptions& options, const std::function<void()>& checkpoint);
  void refuse_difference(const UsageOptions& options) const;
  std::shared_ptr<const std::string> shared_format(std::string_view kept);
  bool bills_last_line(std::size_t log) const;
  bool has_open_format(std::size_t log) const;
  std::optional<std::size_t> log_before(std::size_t input) const;
  bool remember_packed(const std::vector<InputPlan>& plans, const std::vector<std::size_t>& log_of);
  void grow(PartialInput& log, const std::string& name, const InputTotals& totals,
            const SeenContent& seen, const std::optional<EarlierContent>& with_end) const;

  StateFolder folder_;
  PartialHeader header_;
  std::optional<UsageRun> rows_;
  std::optional<KeptRecords> records_;
  std::vector<std::size_t> log_of_;  // by input; of those that are new
  KnownLogsMemory memory_;
  std::unique_ptr<ComparedInputs> compared_;
  BillsLine bills_line_;
  std::map<std::string, std::shared_ptr<const std::string>, std::less<>> formats_;  // of logs
  std::vector<std::shared_ptr<const std::string>> input_formats_;                   // by input
};

}  // namespace billing
