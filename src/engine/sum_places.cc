#include "engine/sum_places.h"

#include <algorithm>
#include <memory>

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

KeyPlaces::KeyPlaces(FirstKeys& first, NameTable& tasks) : first_(first), tasks_(tasks) {
  first_cycles_.reserve(FirstKeys::kMax);
}

void KeyPlaces::turn_to(std::int64_t cycle) {
  cycle_ = cycle;
  const auto known = std::find_if(first_cycles_.begin(), first_cycles_.end(),
                                  [cycle](const CyclePlaces& one) { return one.cycle_ == cycle; });
  if (known != first_cycles_.end()) {
    places_ = &*known;
  } else if (first_cycles_.size() < FirstKeys::kMax) {
    first_cycles_.push_back(CyclePlaces(cycle, kUnknown));
    places_ = &first_cycles_.back();
  } else {
    places_ = &other_cycles_;
  }
}

std::uint32_t KeyPlaces::ask(CyclePlaces& places, std::uint32_t task) {
  const std::uint32_t place = first_.place_of(places.cycle_, tasks_.name(task).text());
  places.places_[task] = static_cast<std::uint8_t>(place);
  return place;
}

}  // namespace billing
