#pragma once

// Sums beside names: where cycles and tasks are few, a user's sums of the run's first keys stand
// beside the name in one cache line of the name table, so that adding an event costs no second hash
// and no second access to memory. Sums of further keys go to records.
//
//     row      | name | place 0 | place 1 | ... | place 5 |      16 bytes, 6 x 64 bits
//     a sum    | calls: 24 | quantity: 40 |                      each with its highest bit kept 0

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "engine/name_table.h"
#include "engine/sum_places.h"

namespace billing {

struct NameSums {
  static constexpr std::uint32_t kPlaces = FirstKeys::kMax;
  static constexpr unsigned kQuantityBits = 40;
  /// Quantities below this fit; so may a sum of one below it and a further such quantity.
  static constexpr std::uint64_t kQuantityLimit = std::uint64_t{1} << (kQuantityBits - 1);

  Name name;
  std::array<std::uint64_t, kPlaces> sums;  ///< by place: see FirstKeys

  /// The row that a name of a table of such rows begins.
  static NameSums& beside(Name& name) { return reinterpret_cast<NameSums&>(name); }
  static const NameSums& beside(const Name& name) {
    return reinterpret_cast<const NameSums&>(name);
  }

  static std::uint64_t calls_of(std::uint64_t sum) { return sum >> kQuantityBits; }
  static std::int64_t quantity_of(std::uint64_t sum) {
    return static_cast<std::int64_t>(sum & ((std::uint64_t{1} << kQuantityBits) - 1));
  }
  /// Whether an event's quantity can be part of such a sum: negative ones cannot.
  static bool fits(std::int64_t quantity) {
    return static_cast<std::uint64_t>(quantity) < kQuantityLimit;
  }
  /// `calls` < 2^23, a quantity that fits.
  static std::uint64_t sum_of(std::uint64_t calls, std::int64_t quantity) {
    return (calls << kQuantityBits) + static_cast<std::uint64_t>(quantity);
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

static_assert(sizeof(NameSums) == 64);

}  // namespace billing
