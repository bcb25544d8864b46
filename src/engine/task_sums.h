#pragma once

// Sums of a bill per user: no cycles, a handful of tasks. A user's sums stand beside the name in
// one cache line of the name table, so that adding an event costs no second hash and no second
// access to memory.
//
//     row      | name | task 0 | task 1 | ... | task 5 |      16 bytes, 6 x 64 bits
//     a sum    | calls: 24 | quantity: 40 |                   each with its highest bit kept 0

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/name_table.h"

namespace billing {

struct TaskSums {
  static constexpr std::uint32_t kTasks = 6;
  static constexpr unsigned kQuantityBits = 40;
  /// Quantities below this fit; so may a sum of one below it and a further such quantity.
  static constexpr std::uint64_t kQuantityLimit = std::uint64_t{1} << (kQuantityBits - 1);

  Name name;
  std::array<std::uint64_t, kTasks> sums;  ///< by the task's number, or by its rank once closed

  /// The row that a name of a table of such rows begins.
  static TaskSums& beside(Name& name) { return reinterpret_cast<TaskSums&>(name); }
  static const TaskSums& beside(const Name& name) {
    return reinterpret_cast<const TaskSums&>(name);
  }

  static std::uint64_t calls_of(std::uint64_t sum) { return sum >> kQuantityBits; }
  static std::uint64_t quantity_of(std::uint64_t sum) {
    return sum & ((std::uint64_t{1} << kQuantityBits) - 1);
  }
  /// A sum of one call; `quantity` < kQuantityLimit.
  static std::uint64_t one_call(std::uint64_t quantity) {
    return (std::uint64_t{1} << kQuantityBits) + quantity;
  }

  /// Adds a sum. Returns the result if it must now move on elsewhere (`sum` is 0 then), else 0.
  static std::uint64_t add(std::uint64_t& sum, std::uint64_t more) {
    constexpr std::uint64_t kHighestBits = std::uint64_t{1} << 63 | kQuantityLimit;
    sum += more;
    if ((sum & kHighestBits) == 0) [[likely]]
      return 0;
    return std::exchange(sum, 0);
  }

  /// Calls `visit(task, calls, quantity)` for each sum that is not 0.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (std::uint32_t task = 0; task < kTasks; ++task) {
      if (sums[task] != 0) visit(task, calls_of(sums[task]), quantity_of(sums[task]));
    }
  }

  std::uint32_t count() const {
    std::uint32_t sums_kept = 0;
    for (const std::uint64_t sum : sums) sums_kept += sum != 0;
    return sums_kept;
  }
};

static_assert(sizeof(TaskSums) == 64);

}  // namespace billing
