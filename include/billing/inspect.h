#pragma once

// A look at a partial, without a bill.
//
//     const PartialContent content = inspect_partial("may.partial", JobHooks());

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "billing/control_totals.h"
#include "billing/int128.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "billing/ordered_usage.h"
#include "billing/quantity.h"

namespace billing {

/// What a partial holds, and what it was made with. At most kMaxReported tasks and inputs are
/// listed; the counts are of all.
struct PartialContent {
  struct Task {
    std::string name;
    std::uint64_t calls = 0;
    Int128 quantity = 0;  ///< in units of 10^-digits: see QuantityRules
  };

  std::uint64_t size_bytes = 0;  ///< of the file
  RowKind kind = RowKind::sums;
  std::vector<std::pair<std::string, std::string>> options;  ///< as people write them
  QuantityRules quantity;
  std::vector<InputReport> inputs;  ///< the first ones
  std::uint64_t input_count = 0;
  InputTotals totals;       ///< of all inputs
  std::uint64_t users = 0;  ///< of the rows; 0 where they belong to nobody
  std::uint64_t rows = 0;
  /// Records with the keys of which duplicates are known; they are not among the rows.
  std::uint64_t records = 0;
  std::vector<Task> tasks;  ///< the first ones, ordered by bytes
  std::uint64_t task_count = 0;

  /// Whether this is the state of incremental runs. It may then hold last lines without an end:
  /// runs with the state bill them where they can, but they are in neither the rows nor the totals.
  bool is_state = false;
  std::uint64_t last_lines = 0;
  std::uint64_t last_lines_bytes = 0;
};

/// Reads the partial at `path` to its end, a few blocks at a time, and checks it. On the calling
/// thread; of the hooks it calls only `cancelled`. Throws Error(run) that names the place where the
/// file is damaged, cut off, of another version, or no partial; Error(interrupted) once `cancelled`
/// is true.
PartialContent inspect_partial(const std::string& path, const JobHooks& hooks);

}  // namespace billing
