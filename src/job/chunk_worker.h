#pragma once

// One thread's part of the map pass: chunk -> batches -> filters -> its own meter.

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "billing/meter.h"
#include "io/chunk_source.h"
#include "job/reject_ledger.h"

namespace billing {

/// Not for several threads at once.
class ChunkWorker {
 public:
  /// All arguments must outlive the worker.
  ChunkWorker(const AggregateJob& job, const MeterOptions& options, std::size_t input_count,
              RejectLedger& rejects);

  /// Takes in a chunk whole. Throws Error(run) where its records do not add up to its bytes.
  void add(const Chunk& chunk);

  /// By input, of the chunks added.
  const std::vector<InputTotals>& totals() const { return totals_; }

  /// See Meter.
  void add(Usage usage) { meter_.add(std::move(usage)); }
  bool keeps_sums_in_place() const { return meter_.keeps_sums_in_place(); }
  std::size_t memory_bytes() const { return meter_.memory_bytes(); }
  std::size_t task_bytes() const { return meter_.task_bytes(); }
  Usage finish() { return meter_.finish(); }

 private:
  void add_batch(EventBatch& batch, const char* chunk_begin, InputTotals& totals);
  void drop_filtered(EventBatch& batch, InputTotals& totals);
  void drop_unrated(EventBatch& batch, const char* chunk_begin);
  void report_rejects(const Chunk& chunk, std::uint64_t records);

  const AggregateJob& job_;
  RejectLedger& ledger_;
  bool filters_;
  Meter meter_;
  std::vector<InputTotals> totals_;
  std::unique_ptr<EventBatch> batch_;
  // Of the chunk at hand.
  std::vector<Reject> rejects_;
  Uint128 dropped_quantity_ = 0;
};

}  // namespace billing
