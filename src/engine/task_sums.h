#pragma once

// Sums of a bill per user: no cycles, a handful of tasks. A user's sums stand in one cache line,
// found by the user's number alone, so that adding an event costs one access to memory and no
// second hash.
//
//     row      | task 0 | task 1 | ... | task 7 |      8 x 64 bits
//     a sum    | calls: 24 | quantity: 40 |            each with its highest bit kept 0

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/paged_records.h"
#include "engine/record.h"

namespace billing {

/// Rows by the user's number.
class TaskSums {
 public:
  static constexpr std::uint32_t kTasks = 8;
  static constexpr unsigned kQuantityBits = 40;
  /// Quantities below this fit; so may a sum of one below it and a further such quantity.
  static constexpr std::uint64_t kQuantityLimit = std::uint64_t{1} << (kQuantityBits - 1);

  using Row = std::array<std::uint64_t, kTasks>;

  static std::uint64_t calls_of(std::uint64_t sum) { return sum >> kQuantityBits; }
  static std::uint64_t quantity_of(std::uint64_t sum) {
    return sum & ((std::uint64_t{1} << kQuantityBits) - 1);
  }

  /// Adds a call; `quantity` < kQuantityLimit. Returns the sum if it must now move on elsewhere (it
  /// is 0 then), else 0.
  static std::uint64_t add(std::uint64_t& sum, std::uint64_t quantity) {
    constexpr std::uint64_t kHighestBits = std::uint64_t{1} << 63 | kQuantityLimit;
    sum += (std::uint64_t{1} << kQuantityBits) + quantity;
    if ((sum & kHighestBits) == 0) [[likely]]
      return 0;
    return std::exchange(sum, 0);
  }

  /// The row of a user; users come in the order of their numbers.
  Row& row(std::uint32_t user, PagePool& pool) {
    while (user >= rows_) [[unlikely]] add_page(pool);
    return pages_[user / kPerPage][user % kPerPage];
  }

  /// Calls `visit(const WideRecord&)` for each of the user's sums, with cycle 0.
  template <class Visit>
  void for_each(std::uint32_t user, const Visit& visit) const {
    if (user >= rows_) return;
    const Row& row = pages_[user / kPerPage][user % kPerPage];
    for (std::uint32_t task = 0; task < kTasks; ++task) {
      if (row[task] == 0) continue;
      visit(WideRecord{0, calls_of(row[task]), quantity_of(row[task]), task, user});
    }
  }

 private:
  static constexpr std::uint32_t kPerPage = kRecordPageBytes / sizeof(Row);

  void add_page(PagePool& pool) {
    pages_.push_back(reinterpret_cast<Row*>(pool.take_zeroed()));
    rows_ += kPerPage;
  }

  std::vector<Row*> pages_;
  std::uint32_t rows_ = 0;
};

}  // namespace billing
