#pragma once

// Usage of users in order: users by name, their records read in place.

#include <functional>
#include <memory>
#include <vector>

#include "billing/ordered_usage.h"
#include "engine/close_partition.h"

namespace billing {

/// Everything that closing leaves behind and that usage is read from.
struct ClosedUsage {
  std::unique_ptr<Usage::Parts> parts;  ///< owns names and some of the pages
  std::vector<PagePool> pages;          ///< own the other pages
  TaskOrder tasks;
  std::vector<ClosedPartition> partitions;
};

/// Puts a user's rows [begin, end), counted from the user's first, into the sink; all of them where
/// sums stand beside names.
void add_rows(const ClosedUsage& usage, const ClosedPartition& partition, const ClosedUser& user,
              std::uint64_t begin, std::uint64_t end, UsageSink& sink);

/// Orders the users by name and cuts them into blocks, in parallel.
std::unique_ptr<OrderedUsage> make_user_usage(ClosedUsage usage);

}  // namespace billing
