#pragma once

// Counts what becomes of the events of a batch.

#include <cstdint>
#include <string>
#include <vector>

#include "billing/control_totals.h"
#include "billing/event_batch.h"
#include "billing/event_filter.h"
#include "billing/mediate.h"

namespace billing {

/// Keeps the events for which `keep(i)` holds. Returns the quantity of those that go.
template <class Keep>
std::int64_t keep_events(EventBatch& batch, const Keep& keep) {
  std::size_t kept = 0;
  std::int64_t dropped_quantity = 0;  // of a batch: it fits
  for (std::size_t i = 0; i < batch.size; ++i) {
    if (!keep(i)) {
      dropped_quantity += batch.quantity[i];
      continue;
    }
    if (kept != i) batch.move(i, kept);
    ++kept;
  }
  batch.size = kept;
  return dropped_quantity;
}

/// Whether each event is a record, or those of one offset are (RecordFormat::measures).
enum class EventsOf : std::uint8_t { records, measures };

/// How many records a batch holds.
std::uint64_t count_records(const EventBatch& batch, EventsOf kind);

/// Drops the events that do not pass and counts their records; returns their quantity.
std::int64_t drop_filtered(EventBatch& batch, const EventFilter& filter, EventsOf kind,
                           InputTotals& totals);

/// Adds the records that a format's own filters have dropped; `filtered_by` are as many as
/// `where`. Throws std::invalid_argument where records were decoded with other filters than these:
/// a mistake of the host, whose usage would not be what it says.
void add_filtered(const MediationCounts& counts, const std::vector<std::string>& where,
                  InputTotals& totals, std::vector<std::uint64_t>& filtered_by);

/// Of records that make events by measures, how many there are, and how many of them have each.
struct MeasureCounts {
  std::uint64_t records = 0;
  std::vector<std::uint64_t> with = {};  ///< by measure; empty where there were no such records

  void add(std::uint64_t more_records, const std::vector<std::uint64_t>& more_with);
};

/// For events that no decoder of this library has made. Throws Error(run) for a negative quantity
/// where the rules allow none.
void check_signs(const EventBatch& batch, const QuantityRules& rules);

/// Throws std::invalid_argument for events that were decoded with keys, where no duplicates are
/// looked for: a mistake of the host, whose usage would not be what it says.
void refuse_keys(const EventBatch& batch);

/// Adds the records of events that are billed, and takes out events of records that bill nothing.
void add_accepted(EventBatch& batch, EventsOf kind, InputTotals& totals);

}  // namespace billing
