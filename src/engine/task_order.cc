#include "engine/task_order.h"

#include <algorithm>

namespace billing {
namespace {

/// All meters number these tasks alike, but not each knows all of them.
std::vector<TaskOrder::TaskBesideName> tasks_beside_names(const TaskOrder& order) {
  std::vector<TaskOrder::TaskBesideName> tasks;
  for (const std::vector<std::uint32_t>& rank_of : order.rank_of) {
    const std::size_t known = std::min<std::size_t>(rank_of.size(), TaskSums::kTasks);
    for (std::size_t number = tasks.size(); number < known; ++number)
      tasks.push_back({rank_of[number], static_cast<std::uint32_t>(number)});
  }
  std::sort(tasks.begin(), tasks.end(),
            [](const auto& a, const auto& b) { return a.rank < b.rank; });
  return tasks;
}

}  // namespace

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
  if (keeps_task_sums(parts.options)) order.beside_names = tasks_beside_names(order);
  return order;
}

}  // namespace billing
