#pragma once

// Task names of all meters in one order, by bytes, and the order of keys whose sums stand beside
// names.

#include <cstdint>
#include <vector>

#include "billing/task_names.h"
#include "engine/name_sums.h"
#include "engine/usage_parts.h"

namespace billing {

struct TaskOrder {
  TaskNames names;
  std::vector<std::vector<std::uint32_t>> rank_of;  ///< [meter][number in that meter] -> index

  /// A key whose sums stand beside names.
  struct PlacedKey {
    std::int64_t cycle;
    std::uint32_t rank;   ///< of its task
    std::uint32_t place;  ///< see FirstKeys
  };
  std::vector<PlacedKey> beside_names;  ///< by cycle and rank; none where no sums stand there

  /// Calls `visit(const PlacedKey&, sum)` for each sum that stands beside the user's name, in their
  /// order. `user` may be null where no sums stand beside names.
  template <class Visit>
  void for_each_sum_beside(const Name* user, const Visit& visit) const {
    for (const PlacedKey& key : beside_names) {
      if (const std::uint64_t sum = NameSums::beside(*user).sums[key.place]) visit(key, sum);
    }
  }
};

/// Takes the names of tasks out of `parts`: from here on they are known by their ranks. Runs on the
/// TBB threads of the calling arena.
TaskOrder order_tasks(Usage::Parts& parts);

}  // namespace billing
