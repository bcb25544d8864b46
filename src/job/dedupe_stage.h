#pragma once

// Between mediation and metering, where records are deduplicated (`--dedupe-by`): nothing is known
// of a record before all have been read. Threads first put all records aside (DedupeIntake), then
// take those back that stay (Survivors), which are billed; all others are duplicates.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "billing/aggregate.h"
#include "billing/control_totals.h"
#include "billing/event_batch.h"
#include "billing/rejected_record.h"
#include "job/memory_plan.h"
#include "partials/keyed_record.h"
#include "partials/keyed_rows.h"

namespace billing {

/// Takes the duplicates of a run, in the order of its inputs. Empty where nobody wants them.
using TakeDuplicate = std::function<void(std::size_t input, const RejectedRecord& record)>;

/// What all threads share.
class DedupeStage {
 public:
  /// The shares of the memory that usage may take: of records that wait, of duplicates that are to
  /// be listed, and of usage itself while records wait.
  static std::size_t waiting_bytes(const MemoryPlan& memory) { return memory.usage_bytes / 8 * 3; }
  static std::size_t listing_bytes(const MemoryPlan& memory) { return memory.usage_bytes / 8; }
  static std::size_t usage_bytes(const MemoryPlan& memory) { return memory.usage_bytes / 4 + 1; }

  /// `lists`: duplicates are to be listed, with their text.
  DedupeStage(const DedupeSettings& settings, std::size_t input_count, const MemoryPlan& memory,
              const SpillOptions& spill, bool lists);

  bool lists() const { return lists_; }

  /// By input, what survivors and duplicates are of those totals that could not be known before.
  /// Once all survivors were taken.
  const std::vector<InputTotals>& totals() const { return totals_; }

  /// The duplicates in the order of the inputs, once all survivors were taken.
  void list(const TakeDuplicate& take) const;

 private:
  friend class DedupeIntake;
  friend class Survivors;

  struct ChunkLines {
    std::size_t input = 0;
    std::uint64_t lines = 0;
  };

  std::vector<std::uint64_t> first_lines() const;

  bool lists_;
  unsigned threads_;
  std::size_t waiting_bytes_;  ///< of each thread
  std::size_t listing_bytes_;  ///< likewise
  KeyedRuns records_;
  KeyedRuns duplicates_;
  std::atomic<std::size_t> next_range_ = 0;
  std::mutex mutex_;
  std::vector<ChunkLines> chunks_;  ///< by sequence number, where duplicates are listed
  std::vector<InputTotals> totals_;
};

/// Where one thread puts records.
class DedupeIntake {
 public:
  /// The stage must outlive it.
  explicit DedupeIntake(DedupeStage& stage)
      : stage_(stage), rows_(stage.records_, stage.waiting_bytes_) {}

  bool lists() const { return stage_.lists(); }

  /// Where a record stands, and its text, of which a beginning is kept where duplicates are listed.
  struct Place {
    std::uint64_t sequence;      ///< of its chunk
    std::uint64_t line;          ///< from 0, behind the lines of its input's chunks before
    std::uint64_t offset_bytes;  ///< in its input
    std::string_view record;
  };
  using PlaceOf = std::function<Place(std::uint64_t offset_bytes)>;

  /// The batch has keys; its offsets count from `first_byte` of the input, or of the text that was
  /// taken out of it. `place_of` is asked only where duplicates are listed.
  void add(const EventBatch& batch, std::size_t input, std::uint64_t first_byte,
           const PlaceOf& place_of);
  /// `lines` are those before the input's next chunk; none where places count from its beginning.
  void end_chunk(std::uint64_t sequence, std::size_t input, std::uint64_t lines);
  /// Once, after the last.
  void finish() { rows_.finish(); }

 private:
  DedupeStage& stage_;
  KeyedRows rows_;
  std::string events_;
  std::string rest_;
  std::string row_;
};

/// The records that one thread takes back. Any number of threads at once, each with its own.
class Survivors {
 public:
  /// The stage must outlive it.
  explicit Survivors(DedupeStage& stage);

  /// Fills the batch with events of whole records, which stay valid until the next call. False
  /// where nothing is left for this thread.
  bool next(EventBatch& batch);
  bool at_end() const { return at_end_; }

  /// Once, at the end.
  void finish();

 private:
  bool next_record();
  bool take_record(EventBatch& batch);
  void drop(const KeyedRecord& record);

  DedupeStage& stage_;
  KeyedRows duplicates_;
  std::unique_ptr<KeyedReader> rows_;
  bool at_end_ = false;
  RecordKey last_key_ = kNoKey;
  KeyedRow row_;
  bool has_row_ = false;  ///< one that stays, which has yet to join a batch
  std::string names_;
  std::vector<InputTotals> totals_;
};

}  // namespace billing
