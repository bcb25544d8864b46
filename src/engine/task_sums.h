#pragma once

// Sums of a bill per user: no cycles, a handful of tasks. A user's sums of the run's first tasks
// stand beside the name in one cache line of the name table, so that adding an event costs no
// second hash and no second access to memory. Further tasks go to records.
//
//     row      | name | task 0 | task 1 | ... | task 5 |      16 bytes, 6 x 64 bits
//     a sum    | calls: 24 | quantity: 40 |                   each with its highest bit kept 0

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/first_tasks.h"
#include "engine/name_table.h"

namespace billing {

struct TaskSums {
  static constexpr std::uint32_t kTasks = FirstTasks::kMax;
  static constexpr unsigned kQuantityBits = 40;
  /// Quantities below this fit; so may a sum of one below it and a further such quantity.
  static constexpr std::uint64_t kQuantityLimit = std::uint64_t{1} << (kQuantityBits - 1);

  Name name;
  std::array<std::uint64_t, kTasks> sums;  ///< by the task's number: those of FirstTasks

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
};

static_assert(sizeof(TaskSums) == 64);

}  // namespace billing
