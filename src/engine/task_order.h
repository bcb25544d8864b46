#pragma once

// Task names of all meters in one order: by bytes.

#include <cstdint>
#include <vector>

#include "billing/task_names.h"
#include "engine/task_sums.h"
#include "engine/usage_parts.h"

namespace billing {

struct TaskOrder {
  TaskNames names;
  std::vector<std::vector<std::uint32_t>> rank_of;  ///< [meter][number in that meter] -> index

  struct TaskBesideName {
    std::uint32_t rank;
    std::uint32_t number;  ///< in every meter that knows it
  };
  std::vector<TaskBesideName> beside_names;  ///< tasks whose sums stand there, by rank; or none

  /// Calls `visit(rank, sum)` for each sum that stands beside the user's name, by rank. `user` may
  /// be null where no sums stand beside names.
  template <class Visit>
  void for_each_sum_beside(const Name* user, const Visit& visit) const {
    for (const auto [rank, number] : beside_names) {
      if (const std::uint64_t sum = TaskSums::beside(*user).sums[number]) visit(rank, sum);
    }
  }
};

/// Takes the names of tasks out of `parts`: from here on they are known by their ranks. Runs on the
/// TBB threads of the calling arena.
TaskOrder order_tasks(Usage::Parts& parts);

}  // namespace billing
