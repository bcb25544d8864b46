#pragma once

// Incremental runs: what earlier ones have taken in. A state is a folder with a partial, whose
// header lists logs by their content, and a lock.
//
// The last line of a log may lack its end: it is billed like any other, if that can be, but stays
// apart until the log has grown and it is read again.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "billing/control_totals.h"
#include "io/input.h"
#include "partials/partial_file.h"
#include "state/input_plan.h"
#include "state/known_content.h"
#include "state/state_folder.h"

namespace billing {

class RunState {
 public:
  /// Opens a state, which is made where there is none, for this run alone. Throws Error: run where
  /// it is damaged or in use, configuration where it was made with other options or the folder is
  /// that of something else. Errors as of KnownLogsMemory, also from plan().
  RunState(const std::string& folder, const UsageOptions& options, std::uint64_t max_logs_bytes);

  /// Compares each input with what is known. Throws Error(run) for one that is no regular file.
  std::vector<InputPlan> plan(std::vector<Input>& inputs, const std::function<void()>& checkpoint);

  /// Adds what was taken in of each input, in their order.
  /// True where that changes anything.
  bool take_in(const std::vector<std::string>& names, const std::vector<InputPlan>& plans,
               const std::vector<InputTotals>& totals);

  const PartialHeader& header() const { return header_; }
  /// Usage of earlier runs; none in a new state.
  const std::optional<UsageRun>& rows() const { return rows_; }
  /// The state's logs whose last line has not been taken in, and is not read anew by any plan.
  std::vector<std::size_t> with_unread_end(const std::vector<InputPlan>& plans) const;

  const StateFolder& folder() const { return folder_; }

 private:
  void open(const UsageOptions& options);
  void grow(PartialInput& log, const std::string& name, const InputTotals& totals,
            const SeenContent& seen, const std::optional<EarlierContent>& with_end) const;

  StateFolder folder_;
  PartialHeader header_;
  std::optional<UsageRun> rows_;
  KnownLogsMemory memory_;
};

}  // namespace billing
