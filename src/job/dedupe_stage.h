#pragma once

// Between mediation and metering, where records are deduplicated (`--dedupe-by`): nothing is known
// of a record before all have been read. Threads first put all records aside (DedupeIntake), then
// take those back that stay (Survivors), which are billed; all others are duplicates. Records that
// were kept in files, by earlier runs or in partials, are compared with them, or among themselves.

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "billing/aggregate.h"
#include "billing/control_totals.h"
#include "billing/event_batch.h"
#include "billing/rejected_record.h"
#include "job/memory_plan.h"
#include "partials/kept_records.h"
#include "partials/keyed_record.h"
#include "partials/keyed_rows.h"

namespace billing {

/// Takes the duplicates of a run, in the order of its inputs. Empty where nobody wants them.
using TakeDuplicate = std::function<void(std::size_t input, const RejectedRecord& record)>;

/// What became of the records of an input.
struct SurvivorTotals {
  KeyedTotals stay;
  std::uint64_t duplicates = 0;
  QuantityRounding rounding;  ///< of those that stay

  SurvivorTotals& operator+=(const SurvivorTotals& more);
  void add_to(InputTotals& totals) const;
};

/// Takes `before` out of an input's totals and puts in `after`: what stays once duplicates are
/// dropped.
void replace_records(InputTotals& totals, const SurvivorTotals& before,
                     const SurvivorTotals& after);

/// All records, of inputs that are numbered through.
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

  /// Records of a file, whose inputs are numbered from `first_input`. Not while any are read.
  void add(const KeptRecords& records, std::size_t first_input);

  bool lists() const { return lists_; }
  std::size_t input_count() const { return input_count_; }
  unsigned threads() const { return threads_; }

  /// The records of a range of keys, with at most so many readers at once: of those with one key
  /// the one that stays comes first.
  std::unique_ptr<KeyedReader> read(std::size_t range, std::size_t readers) const {
    return records_.read(range, readers);
  }

  /// The duplicates in the order of the inputs, once a pass that lists them has ended. Inputs are
  /// told by their number less `first_input`.
  void list(std::size_t first_input, const TakeDuplicate& take) const;

 private:
  friend class DedupeIntake;
  friend class Survivors;

  struct ChunkLines {
    std::size_t input = 0;
    std::uint64_t lines = 0;
  };

  std::vector<std::uint64_t> first_lines() const;

  bool lists_;
  std::size_t input_count_;
  unsigned threads_;
  std::size_t waiting_bytes_;  ///< of each thread
  std::size_t listing_bytes_;  ///< likewise
  KeyedRuns records_;
  KeyedRuns duplicates_;
  std::mutex mutex_;
  std::vector<ChunkLines> chunks_;  ///< by sequence number, where duplicates are listed
};

/// Where one thread puts records.
class DedupeIntake {
 public:
  /// The stage must outlive it. What is added counts its inputs from `first_input`.
  DedupeIntake(DedupeStage& stage, std::size_t first_input, bool lists)
      : stage_(stage),
        first_input_(first_input),
        lists_(lists),
        rows_(stage.records_, stage.waiting_bytes_) {}

  bool lists() const { return lists_; }

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
  std::size_t first_input_;
  bool lists_;
  KeyedRows rows_;
  std::string events_;
  std::string rest_;
  std::string row_;
};

/// Which records a pass over all of them looks at, and whether their duplicates are listed.
struct PassScope {
  std::size_t input_end;  ///< inputs from here on are left out
  bool lists = false;
  bool collects_tasks = false;
  /// Of those that stay, records from here on are passed over, and count as nothing.
  std::optional<std::int64_t> before_ns = std::nullopt;
};

/// The records of a range of keys, and which of them stay: of those with one key the first does.
class JudgedRecords {
 public:
  /// With at most so many readers at once, of inputs before `input_end` alone. `checkpoint` is
  /// called now and then; it and the stage must outlive this object.
  JudgedRecords(const DedupeStage& stage, std::size_t range, std::size_t readers,
                std::size_t input_end, const std::function<void()>& checkpoint);

  /// Goes on to the next record; false where there are no more.
  bool next();

  // Of the record at hand; its views are valid until the next one.

  KeyedRecord record() const { return keyed_record(row_.bytes); }
  RecordKey key() const { return row_.key; }
  bool stays() const { return stays_; }

 private:
  std::unique_ptr<KeyedReader> rows_;
  std::size_t input_end_;
  const std::function<void()>& checkpoint_;
  KeyedRow row_;
  std::uint64_t row_count_ = 0;
  RecordKey last_key_ = kNoKey;
  bool stays_ = false;
};

/// What all threads share that go over the records at the same time.
class SurvivorPass {
 public:
  /// The stage must outlive it.
  SurvivorPass(DedupeStage& stage, const PassScope& scope)
      : stage_(stage), scope_(scope), totals_(stage.input_count()) {}

  DedupeStage& stage() const { return stage_; }
  const PassScope& scope() const { return scope_; }

  // Once all survivors were taken.

  /// By input of the stage.
  const std::vector<SurvivorTotals>& totals() const { return totals_; }
  /// Of those that stay, where they are collected.
  const std::unordered_set<std::string>& tasks() const { return tasks_; }

 private:
  friend class Survivors;

  DedupeStage& stage_;
  PassScope scope_;
  std::atomic<std::size_t> next_range_ = 0;
  std::mutex mutex_;
  std::vector<SurvivorTotals> totals_;
  std::unordered_set<std::string> tasks_;
};

/// The records that one thread takes back. Any number of threads at once, each with its own.
class Survivors {
 public:
  /// Both must outlive it.
  Survivors(SurvivorPass& pass, const std::function<void()>& checkpoint);

  /// Fills the batch with events of whole records, which stay valid until the next call. False
  /// where nothing is left for this thread.
  bool next(EventBatch& batch);
  bool at_end() const { return at_end_; }

  /// What the names of tasks take that were collected.
  std::size_t task_bytes() const { return task_bytes_; }

  /// Once, at the end.
  void finish();

 private:
  bool next_record();
  bool take_record(EventBatch& batch);
  void drop(const KeyedRecord& record);
  void collect(std::string_view task);

  SurvivorPass& pass_;
  const std::function<void()>& checkpoint_;
  KeyedRows duplicates_;
  std::optional<JudgedRecords> records_;
  bool at_end_ = false;
  bool has_record_ = false;  ///< one that stays, which has yet to join a batch
  std::string names_;
  std::vector<SurvivorTotals> totals_;
  std::unordered_set<std::string> tasks_;
  std::string task_;  ///< the last that was collected
  std::size_t task_bytes_ = 0;
};

}  // namespace billing
