#pragma once

// Usage cut between users, for hosts that bill ranges of users apart from each other.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "partials/row_blocks.h"
#include "partials/usage_file_writer.h"

namespace billing {

/// Usage in ranges of users: range 0 has those before begins[0], range i those from begins[i - 1]
/// on and before begins[i], the last all that follow. Usage that keeps no users is in range 0.
/// Usage is read once when ranges are made, to add them up. A range that is written reads its own
/// blocks of usage in memory, and all of a stream.
class UserRanges {
 public:
  /// Adds up the rows of each range. `begins` are names in ascending order of their bytes, each
  /// once, and none is empty: else throws std::invalid_argument.
  UserRanges(std::shared_ptr<const OrderedUsage> usage, RowKind kind,
             std::vector<std::string> begins);
  UserRanges(UsageSource usage, RowKind kind, std::vector<std::string> begins);

  std::size_t size() const { return begins_.size() + 1; }
  const TaskNames& tasks() const;
  const RowTotals& totals(std::size_t range) const { return totals_[range]; }
  void write_rows(std::size_t range, UsageFileWriter& writer) const;

 private:
  std::vector<std::string> begins_;
  std::shared_ptr<const OrderedUsage> in_memory_;  ///< null where it comes from a stream
  UsageSource from_stream_;
  std::vector<RowTotals> totals_;
  std::vector<std::vector<std::size_t>> blocks_;  ///< in memory, with rows of a range, by range
};

}  // namespace billing
