#include "engine/first_tasks.h"

#include <algorithm>

#include "billing/meter.h"

namespace billing {

std::vector<std::string> FirstTasks::with(std::string_view task) {
  const std::lock_guard lock(mutex_);
  const bool known = std::find(tasks_.begin(), tasks_.end(), task) != tasks_.end();
  if (!known && tasks_.size() < kMax) tasks_.emplace_back(task);
  return tasks_;
}

std::shared_ptr<FirstTasks> make_first_tasks() { return std::make_shared<FirstTasks>(); }

}  // namespace billing
