#include "job/event_totals.h"

#include <algorithm>
#include <stdexcept>

#include "billing/error.h"

namespace billing {

namespace {

/// Adds what was rounded of the records that are left.
void add_rounded(const EventBatch& batch, InputTotals& totals) {
  std::size_t i = 0;
  for (const EventBatch::Rounded& rounded : batch.rounded) {
    while (i < batch.size && batch.offset_bytes[i] < rounded.offset_bytes) ++i;
    if (i < batch.size && batch.offset_bytes[i] == rounded.offset_bytes)
      totals.rounding += rounded.rounding;
  }
}

}  // namespace

std::uint64_t count_records(const EventBatch& batch, EventsOf kind) {
  if (kind == EventsOf::records) return batch.size;
  std::uint64_t records = batch.size > 0 ? 1 : 0;
  for (std::size_t i = 1; i < batch.size; ++i)
    records += batch.offset_bytes[i] != batch.offset_bytes[i - 1];
  return records;
}

std::int64_t drop_filtered(EventBatch& batch, const EventFilter& filter, EventsOf kind,
                           InputTotals& totals) {
  if (filter.passes_everything()) return 0;
  const std::uint64_t before = count_records(batch, kind);
  const std::int64_t quantity = keep_events(
      batch, [&](std::size_t i) { return filter.passes(batch.time_ns[i], batch.status[i]); });
  totals.filtered += before - count_records(batch, kind);
  return quantity;
}

void add_filtered(const MediationCounts& counts, const std::vector<std::string>& where,
                  InputTotals& totals, std::vector<std::uint64_t>& filtered_by) {
  const bool has_records = counts.events + counts.rejects > 0;
  if (counts.filtered_by.empty() && !has_records) return;
  if (counts.filtered_by.size() != where.size())
    throw std::invalid_argument("a format has other filters than its usage");
  totals.filtered += counts.filtered;
  for (std::size_t i = 0; i < where.size(); ++i) filtered_by[i] += counts.filtered_by[i];
}

void MeasureCounts::add(std::uint64_t more_records, const std::vector<std::uint64_t>& more_with) {
  if (more_with.empty()) return;
  records += more_records;
  with.resize(std::max(with.size(), more_with.size()));
  for (std::size_t i = 0; i < more_with.size(); ++i) with[i] += more_with[i];
}

void check_signs(const EventBatch& batch, const QuantityRules& rules) {
  const auto* const end = batch.quantity.begin() + batch.size;
  if (rules.negative || std::none_of(batch.quantity.begin(), end, [](auto q) { return q < 0; }))
    return;
  throw Error(ErrorKind::run, "an event has a negative quantity, and the usage is to have none");
}

void refuse_keys(const EventBatch& batch) {
  if (batch.key != nullptr)
    throw std::invalid_argument("a format has a duplicate key, and its usage has none");
}

void add_accepted(EventBatch& batch, EventsOf kind, InputTotals& totals) {
  std::int64_t quantity = 0;  // of a batch: it fits
  std::int64_t earliest_ns = totals.earliest_ns;
  std::int64_t latest_ns = totals.latest_ns;
  for (std::size_t i = 0; i < batch.size; ++i) {
    quantity += batch.quantity[i];
    earliest_ns = std::min(earliest_ns, batch.time_ns[i]);
    latest_ns = std::max(latest_ns, batch.time_ns[i]);
  }
  totals.accepted += count_records(batch, kind);
  totals.accepted_quantity += quantity;
  totals.earliest_ns = earliest_ns;
  totals.latest_ns = latest_ns;
  if (!batch.rounded.empty()) add_rounded(batch, totals);
  if (kind == EventsOf::measures)
    keep_events(batch, [&batch](std::size_t i) { return !batch.task[i].empty(); });
  totals.events += batch.size;
}

}  // namespace billing
