#pragma once

// What all jobs that end in a bill have in common: where it goes, what it costs, and what the work
// may take.

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/money.h"
#include "billing/output_format.h"
#include "billing/price_book.h"
#include "billing/statement_sink.h"

namespace billing {

/// What happens to events whose task has no rate. `unset` bills them at zero like `zero`, but
/// refuses when no event has a rate, so that nobody issues a bill of 0.00 by accident.
///
/// `reject` turns such records into rejects (`unrated_task`); only aggregate() can do that, also
/// for a partial, and PartialMaker::reject_unrated(). `fail` ends the run with
/// Error(configuration).
enum class UnratedPolicy { unset, zero, reject, fail };

inline constexpr std::size_t kDefaultChunkBytes = std::size_t{2} << 20;

struct EngineKnobs;

/// What every job describes. AggregateJob and MergeJob add where the usage comes from.
struct BillJob {
  /// A file, which is replaced as a whole; a folder (one that exists, or a path that ends in `/`),
  /// in which the result gets a name; or `-` for standard output.
  std::string output = "-";
  /// Takes the bill in place of a file: then `output`, its format and (unless rejects or duplicates
  /// are listed) `csv_safe` must be left as they are, and no partial can be asked for, else
  /// std::invalid_argument.
  std::shared_ptr<StatementSink> sink;
  OutputFormat output_format = OutputFormat::text;
  bool csv_safe = false;      ///< keeps spreadsheets from reading cells of CSV as formulas
  std::time_t started_s = 0;  ///< seconds since 1970: the name of the result in a folder tells it

  /// Files that rates and settings come from, whether or not they exist. A job whose output would
  /// replace one of them is refused.
  std::vector<std::string> settings_files;

  PriceBook prices;
  UnratedPolicy unrated = UnratedPolicy::unset;
  RoundingRule rounding;  ///< applied once to each line of the statement

  /// Writes the usage to this file as a partial, for merge(), and makes no bill: of what stands
  /// above only `settings_files` and, for aggregate() with UnratedPolicy::reject, `prices` matter.
  std::optional<std::string> partial;

  /// The most threads that the job may use, in a task arena of its own; fewer where the memory
  /// limit has no room for them. oneTBB gives all jobs of a process together as many threads as
  /// there are processors, unless the host holds a tbb::global_control.
  unsigned threads = 1;
  /// Limit on resident anonymous memory, in bytes. Usage beyond it goes to files in temp_folder.
  std::uint64_t memory_limit_bytes = std::uint64_t{1} << 62;
  /// Files in it have no names and are gone when the job ends, however it ends.
  std::string temp_folder = "/var/tmp";
  std::shared_ptr<const EngineKnobs> knobs = {};  ///< for tests of this project
};

}  // namespace billing
