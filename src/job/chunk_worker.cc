#include "job/chunk_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "billing/error.h"
#include "render/reject_writer.h"

namespace billing {
namespace {

/// Keeps the events for which `keep(i)` holds. Returns the quantity of those that go.
template <class Keep>
std::uint64_t keep_events(EventBatch& batch, const Keep& keep) {
  std::size_t kept = 0;
  std::uint64_t dropped_quantity = 0;
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

void add_to_totals(const EventBatch& batch, InputTotals& totals) {
  std::uint64_t quantity = 0;
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

/// The record at the front of `bytes`, less its line end.
std::string_view first_record(std::string_view bytes) {
  std::string_view record = bytes.substr(0, bytes.find('\n'));
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

/// What a chunk holds and what its records add up to. Throws Error(run) where they differ.
void check(const Chunk& chunk, const char* unit, Uint128 held, Uint128 found) {
  if (held == found) return;
  throw Error(ErrorKind::run,
              fmt::format("control totals do not balance: of {} {} at byte {} of input {}, {} were "
                          "accounted for; please report this",
                          held, unit, chunk.offset_bytes, chunk.input + 1, found));
}

}  // namespace

ChunkWorker::ChunkWorker(const AggregateJob& job, const MeterOptions& options,
                         std::size_t input_count, RejectLedger& rejects)
    : job_(job),
      ledger_(rejects),
      filters_(!job.filter.passes_everything()),
      meter_(options),
      totals_(input_count),
      batch_(std::make_unique<EventBatch>()) {}

void ChunkWorker::add(const Chunk& chunk) {
  InputTotals& totals = totals_[chunk.input];
  rejects_.clear();
  dropped_quantity_ = 0;
  const InputTotals before = totals;
  const MediationCounts counts = mediate(
      chunk.bytes, chunk.readable_bytes, job_.mediation, *batch_,
      [&](EventBatch& batch) { add_batch(batch, chunk.bytes.data(), totals); },
      [&](const Reject& reject) { rejects_.push_back(reject); });
  const std::uint64_t accepted = totals.accepted - before.accepted;
  const std::uint64_t filtered = totals.filtered - before.filtered;
  const std::uint64_t unrated = rejects_.size() - counts.rejects;
  const Uint128 accepted_quantity = totals.accepted_quantity - before.accepted_quantity;
  check(chunk, "bytes", chunk.bytes.size(), counts.bytes);
  check(chunk, "events", counts.events, accepted + filtered + unrated);
  check(chunk, "ms", counts.quantity, accepted_quantity + dropped_quantity_);
  totals.bytes += counts.bytes;
  totals.records += counts.records;
  totals.blank += counts.blanks;
  report_rejects(chunk, counts.records);
}

void ChunkWorker::add_batch(EventBatch& batch, const char* chunk_begin, InputTotals& totals) {
  if (filters_) drop_filtered(batch, totals);
  if (job_.unrated == UnratedPolicy::reject) drop_unrated(batch, chunk_begin);
  add_to_totals(batch, totals);
  meter_.add(batch);
}

void ChunkWorker::drop_filtered(EventBatch& batch, InputTotals& totals) {
  const std::size_t before = batch.size;
  dropped_quantity_ += keep_events(
      batch, [&](std::size_t i) { return job_.filter.passes(batch.time_ns[i], batch.status[i]); });
  totals.filtered += before - batch.size;
}

void ChunkWorker::drop_unrated(EventBatch& batch, const char* chunk_begin) {
  dropped_quantity_ += keep_events(batch, [&](std::size_t i) {
    if (job_.prices.find(batch.task[i]) != nullptr) return true;
    const auto task_bytes = static_cast<std::uint64_t>(batch.task[i].data() - chunk_begin);
    const auto column = static_cast<std::uint32_t>(task_bytes - batch.offset_bytes[i] + 1);
    rejects_.push_back({RejectReason::unrated_task, column, batch.offset_bytes[i]});
    return false;
  });
}

/// Counts the lines before each reject in one sweep over the chunk.
void ChunkWorker::report_rejects(const Chunk& chunk, std::uint64_t records) {
  InputTotals& totals = totals_[chunk.input];
  std::sort(rejects_.begin(), rejects_.end(),
            [](const Reject& a, const Reject& b) { return a.offset_bytes < b.offset_bytes; });
  ChunkRejects report{chunk.input, records, {}};
  const char* counted_to = chunk.bytes.data();
  std::uint64_t line = 0;
  for (const Reject& reject : rejects_) {
    ++totals.rejected[static_cast<std::size_t>(reject.reason)];
    if (!ledger_.keeps_all() && report.entries.size() >= RejectLedger::kExamples) continue;
    const char* const at = chunk.bytes.data() + reject.offset_bytes;
    line += static_cast<std::uint64_t>(std::count(counted_to, at, '\n'));
    counted_to = at;
    report.entries.push_back({line, chunk.offset_bytes + reject.offset_bytes, reject.column,
                              reject.reason,
                              std::string(first_record(chunk.bytes.substr(reject.offset_bytes)))});
  }
  ledger_.add(chunk.sequence, std::move(report));
}

}  // namespace billing
