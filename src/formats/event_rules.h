#pragma once

// What kernels need of a mapping to make events of the texts of most records (event_kernel.inc).

#include <cstddef>
#include <cstdint>
#include <optional>

#include "formats/record_mapper.h"
#include "mapping/quantity_reader.h"
#include "mapping/selector.h"
#include "mapping/time_reader.h"

namespace billing {

/// Refers to the mapper that it was made of.
struct EventRules {
  static constexpr std::size_t kNone = Selector::kNoPlace;

  // Places of the mapper's fields.
  std::size_t time;
  std::size_t user;
  std::size_t task;
  std::size_t status;    ///< kNone: records have no status
  std::size_t quantity;  ///< kNone: it is the constant
  const TimeReader* time_reader;
  const QuantityReader* quantity_reader;
  std::int64_t constant;
  bool is_rfc3339;  ///< times of RFC 3339 are read, maybe others too
};

/// Nothing where more is asked of a record than these.
inline std::optional<EventRules> event_rules_of(const RecordMapper& mapper) {
  const EventMapper::QuickPlaces& places = mapper.quick_places();
  if (!mapper.is_plain() || !places.is_possible || places.task == EventRules::kNone)
    return std::nullopt;
  const bool is_constant = places.quantity == EventRules::kNone;
  if (is_constant && !mapper.quick_constant()) return std::nullopt;
  return EventRules{places.time,
                    places.user,
                    places.task,
                    places.status,
                    places.quantity,
                    &mapper.quick_time(),
                    &mapper.quick_quantity(),
                    is_constant ? *mapper.quick_constant() : 0,
                    mapper.quick_time().reads_rfc3339()};
}

}  // namespace billing
