#pragma once

// Sums beside names: where cycles and tasks are few, a user's sums of the run's first keys stand
// beside the name in one cache line of the name table, so that adding an event costs no second hash
// and no second access to memory. Sums of further keys go to records.
//
//     row      | name | place 0 | place 1 | ... | place 5 |      16 bytes, 6 x 64 bits

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/name_table.h"
#include "engine/sum_places.h"

namespace billing {

struct NameSums {
  static constexpr std::uint32_t kPlaces = FirstKeys::kMax;

  Name name;
  std::array<std::uint64_t, kPlaces> sums;  ///< by place (see FirstKeys), packed (see PackedSum)

  /// The row that a name of a table of such rows begins.
  static NameSums& beside(Name& name) { return reinterpret_cast<NameSums&>(name); }
  static const NameSums& beside(const Name& name) {
    return reinterpret_cast<const NameSums&>(name);
  }
};

static_assert(sizeof(NameSums) == 64);

}  // namespace billing
