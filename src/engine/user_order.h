#pragma once

// Users in the order of their names.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/close_partition.h"

namespace billing {

/// A user: ClosedPartition::users[index] of a partition.
struct UserKey {
  std::uint64_t packed_name;
  std::uint32_t partition;
  std::uint32_t index;

  std::uint64_t order() const { return packed_name; }
  bool operator<(const UserKey& other) const { return packed_name < other.packed_name; }
};

struct OrderedUsers {
  std::unique_ptr<UserKey[]> keys;
  std::size_t size;
};

/// The users of all partitions, ordered by the bytes of their names. Runs on the TBB threads of the
/// calling arena.
OrderedUsers order_users(const std::vector<ClosedPartition>& partitions);

}  // namespace billing
