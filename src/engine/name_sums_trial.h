#pragma once

#include <cstddef>

namespace billing {

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
