#pragma once

// Incremental runs: what earlier ones have taken in, and what is new. A state is a folder with a
// partial, whose header lists the inputs by their content, and a lock.
//
// An input is compared by what it holds. One that begins with all that was seen of an earlier input
// is that one: known, or grown, and then read from where it ended. The last line may lack its end:
// it is billed like any other, if that can be, but stays apart until the input has grown and it is
// read again.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/bill.h"
#include "io/input.h"
#include "io/unique_fd.h"
#include "partials/partial_file.h"

namespace billing {

enum class InputNews { known, grown, fresh };

/// What a run does with one of its inputs.
struct InputPlan {
  InputNews news = InputNews::known;
  std::optional<std::size_t> earlier;  ///< index into the state's inputs: what it continues or is
  std::optional<std::size_t> other;    ///< the same, of an input of this run
  std::uint64_t first_line = 0;        ///< lines of the file before what is read
  std::uint64_t begin_bytes = 0;       ///< where that begins
  SeenContent seen;                    ///< afterwards; its lines are not counted yet
  bool is_continued = false;           ///< by another input of this run
};

class RunState {
 public:
  /// Opens a state, which is made where there is none, for this run alone. Throws Error: run where
  /// it is damaged or in use, configuration where it was made with other options.
  RunState(const std::string& folder, const std::vector<NamedOption>& options);

  /// Compares each input with what is known. Throws Error(run) for one that is no regular file.
  std::vector<InputPlan> plan(const std::vector<Input>& inputs, const JobHooks& hooks,
                              const std::function<void()>& checkpoint) const;

  /// Adds what was taken in of each input, in their order.
  /// True where that changes anything.
  bool take_in(const std::vector<std::string>& names, const std::vector<InputPlan>& plans,
               const std::vector<InputTotals>& totals);

  const PartialHeader& header() const { return header_; }
  /// Usage of earlier runs; none in a new state.
  const std::optional<UsageRun>& rows() const { return rows_; }
  /// The state's inputs that have a last line, billed and not taken in, which no plan reads anew.
  std::vector<std::size_t> with_last_line(const std::vector<InputPlan>& plans) const;

  const std::string& path() const { return path_; }

  /// Whether a path leads to a file of the state in `folder`.
  static bool owns(const std::string& folder, const std::string& path);

 private:
  void warn_of_replacement(const Input& input, const JobHooks& hooks) const;

  std::string path_;  // of the partial
  UniqueFd lock_;
  PartialHeader header_;
  std::optional<UsageRun> rows_;
};

}  // namespace billing
