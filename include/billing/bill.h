#pragma once

// What all jobs that end in a bill have in common: where it goes, what it costs, what the work may
// take, and how a job talks to its host.

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/control_totals.h"
#include "billing/money.h"
#include "billing/output_format.h"
#include "billing/price_book.h"
#include "billing/quantity.h"
#include "billing/rejected_record.h"
#include "billing/statement.h"

namespace billing {

/// What happens to events whose task has no rate. `unset` bills them at zero like `zero`, but
/// refuses when no event has a rate, so that nobody issues a bill of 0.00 by accident.
enum class UnratedPolicy { unset, zero, reject, fail };

inline constexpr std::size_t kDefaultChunkBytes = std::size_t{2} << 20;

struct EngineKnobs;

struct BillJob {
  std::string output = "-";  ///< a file, a folder, or `-` for standard output
  OutputFormat output_format = OutputFormat::text;
  bool csv_safe = false;
  std::time_t started_s = 0;  ///< names the result in a folder

  /// Files that rates and settings come from, if they are there: no output may replace them.
  std::vector<std::string> settings_files;

  PriceBook prices;
  UnratedPolicy unrated = UnratedPolicy::unset;
  RoundingRule rounding;

  /// The file that takes the usage, not rated: then there is no bill, and nothing of the above.
  std::optional<std::string> partial;

  /// At most, in an arena of the job's own. All jobs of a process together have as many as there
  /// are processors, unless the host permits oneTBB more of them (tbb::global_control).
  unsigned threads = 1;
  /// Limit on resident anonymous memory, in bytes. Usage beyond it goes to files in temp_folder.
  std::uint64_t memory_limit_bytes = std::uint64_t{1} << 62;
  std::string temp_folder = "/var/tmp";
  std::shared_ptr<const EngineKnobs> knobs = {};  ///< for tests of this project
};

/// The pass that a job is in, and how far it has come. Passes repeat when input does not fit into
/// memory: it is read, sorted and spilled slice by slice.
struct Progress {
  std::string_view pass;  ///< a word for people, such as `reading`, `merging`, `writing`
  /// So far in this pass, over all its repetitions: bytes while `reading`, calls while `rating` and
  /// `writing`.
  std::uint64_t done = 0;
  std::uint64_t total = 0;  ///< 0 where it is not known
};

/// Callbacks to the host. Any of the job's threads may call them, several at once; only `warn` is
/// called by one thread at a time. `progress` is called many times a second.
struct JobHooks {
  std::function<bool()> cancelled = [] { return false; };
  std::function<void(const Progress&)> progress = [](const Progress&) {};
  std::size_t record_columns = 120;  ///< of a bad record that an error shows
  /// Takes each reject of an aggregate job, in the order of the input, by one thread at a time;
  /// null where nobody wants them. How many are allowed is for AggregateJob::reject_limit to say.
  std::function<void(const std::string& input_name, const RejectedRecord& reject)> reject;
  /// A message with marks before settings: see tell().
  std::function<void(const std::string&)> warn = [](const std::string&) {};
};

/// A run may have millions of tasks, inputs and mistakes: a report lists so many of a kind, and
/// counts all.
inline constexpr std::size_t kMaxReported = 100;

struct UnratedTask {
  std::string task;
  std::uint64_t calls;
};

struct PassTime {
  std::string_view name;
  double wall_s;
};

struct InputReport {
  std::string name;
  InputTotals totals;
  std::string_view news;  ///< of an incremental run: `new`, `grown`, `known`; else empty
  std::uint64_t compressed_bytes = 0;  ///< what it takes, where it was read compressed; else 0
};

/// What the inputs of an incremental run were.
struct StateReport {
  std::uint64_t fresh = 0;
  std::uint64_t grown = 0;
  std::uint64_t known = 0;
  std::uint64_t unfinished = 0;  ///< last lines without an end that cannot be billed as they are
  std::uint64_t shared_records = 0;  ///< records that stand in several inputs and are billed once
};

/// What the summary tells of a finished run.
struct JobReport {
  std::string_view engine;  ///< `parallel`, `naive`, `merge`
  unsigned threads = 1;     ///< that found room in the job's memory
  std::string output_name;
  QuantityRules quantity;
  InputTotals totals;  ///< of all inputs
  /// Of the logs that this run itself has read: equals `totals` except with a state; 0 in a merge.
  InputTotals read_totals;
  std::vector<InputReport> inputs;
  std::uint64_t more_inputs = 0;  ///< how many inputs are not listed above
  std::optional<StateReport> state;
  /// What usage was made with (--group-by, --cycle and so on, without the dashes), as people write
  /// it; empty where an option was not given and has no default.
  std::vector<std::pair<std::string, std::string>> options;
  std::optional<std::string> rejects_name;  ///< the file of `--rejects`
  StatementTotals statement;
  std::uint64_t partial_rows = 0;  ///< of usage, where a partial was written
  std::uint64_t spilled_bytes = 0;
  std::vector<Rate> used_rates;    ///< those that some accepted event has; ordered by task
  std::vector<Rate> unused_rates;  ///< all others of the price book; ordered by task
  /// Accepted events' tasks without a rate: those with the most calls first, then by name; at most
  /// kMaxReported of them.
  std::vector<UnratedTask> unrated;
  std::uint64_t unrated_count = 0;  ///< how many such tasks there are
  std::uint64_t unrated_calls = 0;  ///< of all of them together
  std::vector<PassTime> passes;
};

}  // namespace billing
