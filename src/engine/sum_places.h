#pragma once

// Which keys have a place beside users' names (name_sums.h): those that a run has met first. All of
// its meters place them alike.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/name_table.h"

namespace billing {

/// The key of a user's sum.
struct SumKey {
  std::int64_t cycle = 0;  ///< or period; 0 where cycles are not kept apart
  std::string task;
};

/// The first keys that any meter of a run has met. All its meters place them alike, so that sums
/// which stand at these places can be added up place by place. Any thread.
class FirstKeys {
 public:
  static constexpr std::uint32_t kMax = 6;

  /// The place of a key, which takes the next one where it has none yet; kMax where all are taken.
  std::uint32_t place_of(std::int64_t cycle, std::string_view task);

  /// The keys in the order of their places.
  std::vector<SumKey> keys() const;

 private:
  mutable std::mutex mutex_;
  std::vector<SumKey> keys_;
};

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

/// Whether sums beside names are worth it: not where most calls have keys without a place, as in a
/// log of a whole year that is billed by the month.
class NameSumsTrial {
 public:
  /// So many more events, of which `misses` had no place.
  void add(std::size_t events, std::size_t misses) {
    events_ += events;
    misses_ += misses;
    if (events_ < kEvents) return;
    is_useful_ = misses_ * 2 <= events_;
    if (!is_useful_) return;
    is_first_ = false;
    events_ = misses_ = 0;
  }

  bool is_useful() const { return is_useful_; }
  /// Whether this is about the first events: there are not many users yet.
  bool is_first() const { return is_first_; }

 private:
  static constexpr std::size_t kEvents = 16 * 1024;

  std::size_t events_ = 0;
  std::size_t misses_ = 0;
  bool is_useful_ = true;
  bool is_first_ = true;
};

}  // namespace billing
