#include "engine/key_places.h"

#include <algorithm>

namespace billing {

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
