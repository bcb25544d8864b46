#include "job/event_totals.h"

#include <algorithm>

namespace billing {

std::int64_t drop_filtered(EventBatch& batch, const EventFilter& filter, InputTotals& totals) {
  const std::size_t before = batch.size;
  const std::int64_t quantity = keep_events(
      batch, [&](std::size_t i) { return filter.passes(batch.time_ns[i], batch.status[i]); });
  totals.filtered += before - batch.size;
  return quantity;
}

void add_accepted(const EventBatch& batch, InputTotals& totals) {
  std::int64_t quantity = 0;  // of a batch: it fits
  std::int64_t earliest_ns = totals.earliest_ns;
  std::int64_t latest_ns = totals.latest_ns;
  for (std::size_t i = 0; i < batch.size; ++i) {
    quantity += batch.quantity[i];
    earliest_ns = std::min(earliest_ns, batch.time_ns[i]);
    latest_ns = std::max(latest_ns, batch.time_ns[i]);
  }
  totals.accepted += batch.size;
  totals.accepted_quantity += quantity;
  totals.earliest_ns = earliest_ns;
  totals.latest_ns = latest_ns;
}

}  // namespace billing
