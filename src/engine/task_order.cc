#include "engine/task_order.h"

#include <algorithm>

namespace billing {

TaskOrder order_tasks(const Usage::Parts& parts) {
  TaskOrder order;
  for (const auto& meter : parts.meters) {
    meter->tasks.for_each(
        0, [&order](const NameSlot& slot) { order.names.emplace_back(slot.name()); });
  }
  std::sort(order.names.begin(), order.names.end());
  order.names.erase(std::unique(order.names.begin(), order.names.end()), order.names.end());
  for (const auto& meter : parts.meters) {
    std::vector<std::uint32_t>& rank_of = order.rank_of.emplace_back(meter->tasks.size());
    meter->tasks.for_each(0, [&order, &rank_of](const NameSlot& slot) {
      const auto place = std::lower_bound(order.names.begin(), order.names.end(), slot.name());
      rank_of[slot.number] = static_cast<std::uint32_t>(place - order.names.begin());
    });
  }
  return order;
}

}  // namespace billing
