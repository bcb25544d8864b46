#pragma once

// Sums of a statement that is grouped by user: users in order, their records read in place. The
// rows of `calls:N` are made as they are read, so that they need no memory of their own.

#include <memory>
#include <vector>

#include "billing/sums.h"
#include "engine/close_partition.h"

namespace billing {

/// Everything that closing leaves behind and that sums are read from.
struct ClosedUsage {
  std::unique_ptr<Usage::Parts> parts;  ///< owns names and some of the pages
  std::vector<PagePool> pages;          ///< own the other pages
  TaskOrder tasks;
  std::vector<ClosedPartition> partitions;
};

/// Appends the sums of a user's records [begin, end), counted from the user's first; all of them
/// where sums stand beside names. `name` is what the rows are to say. For events `begin` is at a
/// cycle's border and `calls_per_cycle` is not 0.
void append_sums(const ClosedPartition& partition, const ClosedUser& user, std::uint64_t begin,
                 std::uint64_t end, std::uint64_t calls_per_cycle, std::string_view name,
                 std::vector<Sum>& rows);

/// Orders the users by name and cuts them into blocks, in parallel.
std::unique_ptr<Sums> make_user_sums(ClosedUsage usage);

}  // namespace billing
