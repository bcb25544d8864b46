#pragma once

// Rows of bytes with keys, brought into the order of their keys: in memory, or by way of sorted
// temporary files (an external merge sort). Records wait here until all that may be duplicates of
// them have been read.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "base/merge_heap.h"
#include "billing/event_batch.h"
#include "partials/spill_file.h"

namespace billing {

struct KeyedRow {
  RecordKey key;
  std::string_view bytes;  ///< less than 2^32
};

/// Whether the first of two rows of one key comes before the second; by their bytes.
using TieOrder = bool (*)(std::string_view a, std::string_view b);

/// All keys are cut into so many ranges, which can be read apart from each other.
inline constexpr std::size_t kKeyRanges = 64;
std::size_t key_range_of(const RecordKey& key);

bool is_before(const RecordKey& a, const RecordKey& b);

/// Rows in order, one after the other.
class KeyedReader {
 public:
  virtual ~KeyedReader() = default;
  /// False behind the last row. The row's bytes are valid until the next call.
  virtual bool next(KeyedRow& row) = 0;
};

/// Sorted rows. Immutable: any number of readers at once, all of which it must outlive.
class KeyedRun {
 public:
  virtual ~KeyedRun() = default;
  /// Those of one range. The reader takes about `buffer_bytes`.
  virtual std::unique_ptr<KeyedReader> read(std::size_t range, std::size_t buffer_bytes) const = 0;
};

/// Several runs as one.
class KeyedMerge final : public KeyedReader {
 public:
  KeyedMerge(std::vector<std::unique_ptr<KeyedReader>> readers, TieOrder tie_order);
  bool next(KeyedRow& row) override;

 private:
  struct Head {
    KeyedRow row;
    KeyedReader* reader;
    TieOrder tie_order;
    bool operator<(const Head& other) const;
  };

  std::vector<std::unique_ptr<KeyedReader>> readers_;
  MergeHeap<Head> heads_;
  KeyedReader* last_ = nullptr;  ///< of the row that was handed out: its next has yet to be read
  TieOrder tie_order_;
};

/// The runs of all threads.
class KeyedRuns {
 public:
  KeyedRuns(SpillOptions options, TieOrder order)
      : options_(std::move(options)), tie_order_(order) {}

  TieOrder tie_order() const { return tie_order_; }

  /// Any thread. A run in memory stays there.
  void keep(std::unique_ptr<KeyedRun> run);
  /// Any thread. Throws Error(run) as write_spill_file() does.
  void spill(const KeyedRun& run);
  /// Any thread. Adds rows of a file that is there; many files become one, as with spill().
  void add_file(std::unique_ptr<KeyedRun> run);

  /// Opens all rows of a range. Not while rows are added. `readers` are how many there are at once
  /// at most: their buffers share SpillOptions::merge_bytes.
  std::unique_ptr<KeyedReader> read(std::size_t range, std::size_t readers) const;

 private:
  using Runs = std::vector<std::unique_ptr<KeyedRun>>;

  void add_file(std::unique_ptr<KeyedRun> run, std::size_t level);

  SpillOptions options_;
  TieOrder tie_order_;
  std::mutex mutex_;
  Runs in_memory_;
  std::vector<Runs> files_;  ///< files_[n] were merged n times
};

/// The rows of one thread, until they are sorted.
class KeyedRows {
 public:
  /// Keeps about `max_bytes` in memory. `runs` must outlive it.
  KeyedRows(KeyedRuns& runs, std::size_t max_bytes) : runs_(runs), max_bytes_(max_bytes) {}

  /// The bytes are copied.
  void add(RecordKey key, std::string_view bytes);
  /// Spills what is too much.
  void make_room();
  /// Once, after the last row.
  void finish();

 private:
  /// Behind the size of its bytes, as 32 bits, stand the bytes.
  struct Place {
    RecordKey key;
    const char* row;
  };
  class MemoryRun;

  std::size_t memory_bytes() const { return block_bytes_ + places_.capacity() * sizeof(Place); }
  std::unique_ptr<MemoryRun> take_sorted();
  char* reserve(std::size_t bytes);

  KeyedRuns& runs_;
  std::size_t max_bytes_;
  std::vector<Place> places_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t block_bytes_ = 0;
  char* at_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace billing
