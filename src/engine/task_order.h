#pragma once

// Task names of all meters in one order: by bytes.

#include <cstdint>
#include <string>
#include <vector>

#include "engine/task_sums.h"
#include "engine/usage_parts.h"

namespace billing {

struct TaskOrder {
  std::vector<std::string> names;                   ///< distinct, ordered by bytes
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

TaskOrder order_tasks(const Usage::Parts& parts);

}  // namespace billing
