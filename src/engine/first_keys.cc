#include "engine/first_keys.h"

#include <algorithm>
#include <memory>

#include "billing/meter.h"

namespace billing {

std::uint32_t FirstKeys::place_of(std::int64_t cycle, std::string_view task) {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(keys_.begin(), keys_.end(), [&](const SumKey& key) {
    return key.cycle == cycle && key.task == task;
  });
  const auto place = static_cast<std::uint32_t>(known - keys_.begin());
  if (known == keys_.end() && place < kMax) keys_.push_back({cycle, std::string(task)});
  return place;
}

std::vector<SumKey> FirstKeys::keys() const {
  const std::lock_guard lock(mutex_);
  return keys_;
}

std::shared_ptr<FirstKeys> make_first_keys() { return std::make_shared<FirstKeys>(); }

}  // namespace billing
