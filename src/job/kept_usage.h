#pragma once

// Usage that is deduplicated, as it is written to partials: the records that stay, with their keys,
// and rows of what has none any more.

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "billing/ordered_usage.h"
#include "billing/task_names.h"
#include "job/dedupe_stage.h"
#include "partials/usage_file_writer.h"

namespace billing {

struct KeptSource {
  const DedupeStage& stage;
  const std::unordered_set<std::string>& tasks;  ///< of the records
  /// By input of the stage, which one of those that are written it is. Records of inputs beyond are
  /// left out.
  std::vector<std::uint32_t> input_of;
  /// Earlier records are left out: they are among the rows.
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
};

/// The names of all tasks, of rows and of records, in order.
std::vector<std::string> all_tasks(const TaskNames& of_rows, const KeptSource& kept);

/// Writes the records that stay. `places` are those of the inputs in the file. Returns what the
/// records add up to.
KeyedTotals write_records(UsageFileWriter& file, const KeptSource& kept,
                          const std::vector<std::uint32_t>& places,
                          const std::function<void()>& checkpoint);

/// The rows with their tasks numbered as in `all`. All must outlive the stream.
std::unique_ptr<UsageStream> renumber(UsageStream& rows, const TaskNames& of_rows,
                                      const std::vector<std::string>& all);

}  // namespace billing
