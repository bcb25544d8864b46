#pragma once

// Adds up events with equal keys while they are hot: a hash table that stays within the cache. When
// it is full its sums move on as records and it starts anew; where that hardly reduces the number
// of records, it is left out for the rest of the input. (The first phase of two-phase parallel
// aggregation; see Leis et al., "Morsel-Driven Parallelism", 2014.)

#include <cstdint>
#include <vector>

#include "base/prefetch.h"
#include "engine/name_hash.h"

namespace billing {

/// A sum under way, 32 bytes. Empty: no calls.
struct CombinedSum {
  std::int64_t when;
  std::uint32_t user;
  std::uint32_t task;
  std::uint64_t calls;
  std::int64_t quantity;
};

class Combiner {
 public:
  Combiner();

  void prefetch_sum(std::uint32_t user, std::int64_t when, std::uint32_t task) const {
    prefetch(&sums_[home_of(user, when, task)]);
  }

  /// False when there is no room, or the sum would leave 64 bits: then drain() and, while useful(),
  /// try again.
  bool add(std::uint32_t user, std::int64_t when, std::uint32_t task, std::int64_t quantity) {
    std::size_t at = home_of(user, when, task);
    while (sums_[at].calls != 0) {
      CombinedSum& sum = sums_[at];
      if (sum.user == user && sum.when == when && sum.task == task) {
        std::int64_t total = 0;
        if (__builtin_add_overflow(sum.quantity, quantity, &total)) [[unlikely]]
          return false;
        sum.quantity = total;
        ++sum.calls;
        return true;
      }
      at = (at + 1) & (sums_.size() - 1);
    }
    if (used_ * 2 >= sums_.size()) {
      if (!grow()) return false;
      return add(user, when, task, quantity);
    }
    sums_[at] = {when, user, task, 1, quantity};
    ++used_;
    return true;
  }

  bool useful() const { return useful_; }

  /// Calls `visit(const CombinedSum&)` for each sum and forgets them all.
  template <class Visit>
  void drain(const Visit& visit) {
    std::uint64_t calls = 0;
    for (CombinedSum& sum : sums_) {
      if (sum.calls == 0) continue;
      calls += sum.calls;
      visit(sum);
      sum = CombinedSum{};
    }
    useful_ = calls >= used_ * kUsefulReduction;
    used_ = 0;
  }

 private:
  static constexpr std::uint64_t kUsefulReduction = 2;

  std::size_t home_of(std::uint32_t user, std::int64_t when, std::uint32_t task) const {
    const std::uint64_t key = hashing::fold((std::uint64_t{user} << 32 | task) ^ hashing::kSalt[0],
                                            static_cast<std::uint64_t>(when) ^ hashing::kSalt[1]);
    return key >> shift_;
  }

  bool grow();

  std::vector<CombinedSum> sums_;
  std::size_t used_ = 0;
  unsigned shift_ = 0;
  bool useful_ = true;
};

}  // namespace billing
