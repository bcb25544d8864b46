#pragma once

// One thread's part of the map pass: chunk -> batches -> filters -> its own meter.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "billing/meter.h"
#include "billing/record_source.h"
#include "job/dedupe_stage.h"
#include "job/event_totals.h"
#include "job/input_formats.h"
#include "job/reject_ledger.h"

namespace billing {

/// Not for several threads at once.
class ChunkWorker {
 public:
  /// All arguments must outlive the worker. With an intake events go there, not to the meter, and
  /// the totals are without them. `checkpoint` is called while rejects wait for their
  /// turn; what it throws passes through.
  ChunkWorker(const AggregateJob& job, const InputFormats& formats, const MeterOptions& options,
              std::size_t input_count, RejectLedger& rejects,
              const std::function<void()>& checkpoint, DedupeIntake* intake = nullptr);

  /// Takes in a chunk whole. Throws Error(run) where what its decoder made of it does not add up to
  /// its bytes, or to the records that are counted apart from the decoder.
  void add(const Chunk& chunk);

  /// By input, of the chunks added.
  const std::vector<InputTotals>& totals() const { return totals_; }
  /// By expression of `--where`, the records that it dropped of all chunks added.
  const std::vector<std::uint64_t>& filtered_by() const { return filtered_by_; }

  const MeasureCounts& measures() const { return measures_; }

  /// Events that were put aside before, and are in no totals.
  void add(const EventBatch& batch) { meter_.add(batch); }

  /// See Meter.
  void add(Usage usage) { meter_.add(std::move(usage)); }
  bool keeps_sums_in_place() const { return meter_.keeps_sums_in_place(); }
  std::size_t memory_bytes() const { return meter_.memory_bytes(); }
  std::size_t task_bytes() const { return meter_.task_bytes(); }
  Usage finish() { return meter_.finish(); }

 private:
  void add_piece(const Chunk& chunk, std::size_t begin, std::size_t end, ChunkRejects& report);
  void add_cut_record(const Chunk& chunk, ChunkRejects& report);
  void add_lines_beside(const Chunk& chunk);
  void report_beside(const Chunk& chunk, std::uint64_t text_end, ChunkRejects& report);
  void add_batch(EventBatch& batch, EventsOf kind, std::string_view piece, std::size_t input);
  void put_aside(const EventBatch& batch);
  static void take_back_accepted(const InputTotals& before, InputTotals& totals);
  DedupeIntake::Place place_of(std::uint64_t offset_bytes) const;
  void report_rejects(const Chunk& chunk, std::string_view piece, std::uint64_t offset_bytes,
                      ChunkRejects& report);

  const AggregateJob& job_;
  const InputFormats& formats_;
  RejectLedger& ledger_;
  const std::function<void()>& checkpoint_;
  Meter meter_;
  std::vector<InputTotals> totals_;
  std::vector<std::uint64_t> filtered_by_;
  MeasureCounts measures_;
  std::unique_ptr<EventBatch> batch_;
  DedupeIntake* intake_;
  // Of the piece at hand.
  const Chunk* chunk_ = nullptr;
  std::string_view piece_;
  std::uint64_t piece_offset_bytes_ = 0;
  std::uint64_t lines_before_ = 0;     ///< in its chunk; where duplicates are listed
  std::vector<std::size_t> newlines_;  ///< likewise; their places
  std::vector<Reject> rejects_;
  Int128 dropped_quantity_ = 0;
  std::size_t reported_beside_ = 0;   ///< of the chunk's rejects that are no part of its text
  bool events_start_records_ = true;  ///< as far as events were checked
};

}  // namespace billing
