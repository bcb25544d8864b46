#pragma once

// A record as it waits for its duplicates: what it is billed as, and where it stood. A record may
// have several events, which differ in task and quantity alone.

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "billing/int128.h"
#include "billing/quantity.h"
#include "partials/keyed_rows.h"

namespace billing {

struct KeyedRecord {
  std::int64_t time_ns = 0;
  std::uint64_t offset_bytes = 0;  ///< in its input
  std::uint32_t input = 0;
  std::uint16_t status = 0;
  std::string_view user = {};
  /// See append_event() and take_event(). A record that bills nothing has one of no task.
  std::string_view events = {};
  std::string_view rest = {};  ///< whatever else is kept with it
  QuantityRounding rounding = {};
};

struct KeyedEvent {
  std::int64_t quantity = 0;
  std::string_view task = {};
};

/// Adds an event to KeyedRecord::events, or takes the first off.
void append_event(std::string& events, const KeyedEvent& event);
KeyedEvent take_event(std::string_view& events);

/// What records add up to.
struct KeyedTotals {
  std::uint64_t records = 0;
  std::uint64_t events = 0;  ///< that are billed
  Int128 quantity = 0;
  // Meaningless while there are no records.
  std::int64_t earliest_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t latest_ns = std::numeric_limits<std::int64_t>::min();

  bool operator==(const KeyedTotals&) const = default;

  void add(const KeyedRecord& record);
  KeyedTotals& operator+=(const KeyedTotals& more);
};

/// As the bytes of a row, and back; the views of the record point into them.
void append_record(std::string& out, const KeyedRecord& record);
KeyedRecord keyed_record(std::string_view bytes);

/// Which of two records of one key stays: the first in this order. Both end with the first in the
/// inputs.
bool smallest_first(std::string_view a, std::string_view b);
bool largest_first(std::string_view a, std::string_view b);

}  // namespace billing
