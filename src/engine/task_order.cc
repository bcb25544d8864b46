#include "engine/task_order.h"

#include <algorithm>

namespace billing {

TaskOrder order_tasks(const Usage::Parts& parts) {
  TaskOrder order;
  for (const auto& meter : parts.meters) {
    for (std::uint32_t number = 0; number < meter->tasks.size(); ++number)
      order.names.emplace_back(meter->tasks.name(number).text());
  }
  std::sort(order.names.begin(), order.names.end());
  order.names.erase(std::unique(order.names.begin(), order.names.end()), order.names.end());
  for (const auto& meter : parts.meters) {
    std::vector<std::uint32_t>& rank_of = order.rank_of.emplace_back();
    for (std::uint32_t number = 0; number < meter->tasks.size(); ++number) {
      const auto place = std::lower_bound(order.names.begin(), order.names.end(),
                                          meter->tasks.name(number).text());
      rank_of.push_back(static_cast<std::uint32_t>(place - order.names.begin()));
    }
  }
  return order;
}

}  // namespace billing
