#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/first_keys.h"
#include "engine/name_table.h"

namespace billing {

/// What a meter knows of the places of keys: by its own numbers of tasks, and without a lock. One
/// thread.
class KeyPlaces {
 public:
  static constexpr std::uint32_t kNone = FirstKeys::kMax;
  /// Not asked for yet.
  static constexpr std::uint32_t kUnknown = 0xFF;

  /// The places of one cycle's keys.
  class CyclePlaces {
   public:
    /// kNone where a key has no place, or kUnknown. `task` is the meter's number.
    std::uint32_t place_of(std::uint32_t task) const {
      return task < places_.size() ? places_[task] : kNone;
    }

   private:
    friend class KeyPlaces;
    CyclePlaces(std::int64_t cycle, std::uint32_t place) : cycle_(cycle) {
      places_.fill(static_cast<std::uint8_t>(place));
    }

    std::int64_t cycle_;
    std::array<std::uint8_t, 64> places_;  // by task
  };

  /// `first` and `tasks`, the meter's, must outlive this object.
  KeyPlaces(FirstKeys& first, NameTable& tasks);

  /// Valid as long as this object, which must not move.
  CyclePlaces& of_cycle(std::int64_t cycle) {
    if (cycle != cycle_) [[unlikely]]
      turn_to(cycle);
    return *places_;
  }

  /// Finds out a place that is unknown.
  std::uint32_t ask(CyclePlaces& places, std::uint32_t task);

 private:
  void turn_to(std::int64_t cycle);

  FirstKeys& first_;
  NameTable& tasks_;
  std::vector<CyclePlaces> first_cycles_;  // as many as may have keys with places
  CyclePlaces other_cycles_{0, kNone};
  std::int64_t cycle_ = std::numeric_limits<std::int64_t>::max();  // that was asked for last
  CyclePlaces* places_ = &other_cycles_;
};

}  // namespace billing
