#pragma once

// Users in the order of their names.

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/close_partition.h"
#include "engine/name_order.h"

namespace billing {

struct OrderedUsers {
  /// ClosedPartition::users[index] of partition number `table`.
  std::unique_ptr<NameKey[]> keys;
  std::size_t size;
};

/// The users of all partitions, ordered by the bytes of their names. Runs on the TBB threads of the
/// calling arena.
OrderedUsers order_users(const std::vector<ClosedPartition>& partitions);

}  // namespace billing
