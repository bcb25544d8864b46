#pragma once

// Task names of all meters in one order: by bytes.

#include <string>
#include <vector>

#include "engine/usage_parts.h"

namespace billing {

struct TaskOrder {
  std::vector<std::string> names;                   ///< distinct, ordered by bytes
  std::vector<std::vector<std::uint32_t>> rank_of;  ///< [meter][number in that meter] -> index
};

TaskOrder order_tasks(const Usage::Parts& parts);

}  // namespace billing
