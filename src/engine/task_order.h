#pragma once

// Task names of all meters in one order: by bytes.

#include <string>
#include <vector>

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
};

TaskOrder order_tasks(const Usage::Parts& parts);

}  // namespace billing
