#pragma once

// Rejects in the order of the input, whatever the order in which chunks are finished: writes them
// to the rejects file as they come, keeps the first few for the message, and decides whether there
// are too many.

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "billing/aggregate.h"
#include "billing/rejected_record.h"
#include "io/output_file.h"
#include "render/excerpt.h"

namespace billing {

/// The rejects of one chunk, by offset. Lines count from 0 at the chunk's first record.
struct ChunkRejects {
  struct Entry {
    std::uint64_t line;
    std::uint64_t offset_bytes;  ///< in the input
    std::uint32_t column;
    RejectReason reason;
    std::string record;
  };
  std::size_t input = 0;
  std::uint64_t records = 0;  ///< lines of the chunk
  std::vector<Entry> entries;
};

/// What is said of an input's rejects.
struct LedgerInput {
  std::string name;
  std::uint64_t first_line = 0;  ///< lines of the file before what is read
};

/// Any thread.
class RejectLedger {
 public:
  /// `file` (null for none) must outlive this object.
  RejectLedger(OutputFile* file, std::vector<LedgerInput> inputs, bool csv_safe,
               std::size_t record_columns = kExcerptColumns);

  /// Whether more than the first kExamples rejects of a chunk are of use.
  bool keeps_all() const { return file_ != nullptr; }
  static constexpr std::size_t kExamples = 5;

  /// Chunks come in any order, each sequence number once.
  void add(std::uint64_t sequence, ChunkRejects rejects);

  /// For an engine that reads in order: a reject with its final line.
  void add_in_order(std::size_t input, const RejectedRecord& reject);

  /// Writes what is still in memory. Once, after the last reject.
  void flush();

  /// Throws Error(rejects) where `totals` exceed the limit. With a file the message ends with a
  /// line end: what becomes of the file is the caller's to say.
  void enforce(const std::optional<RejectLimit>& limit, const InputTotals& totals) const;

 private:
  void take(const ChunkRejects& rejects);

  OutputFile* file_;
  std::vector<LedgerInput> inputs_;
  bool csv_safe_;
  std::size_t record_columns_;  // that an example shows

  std::mutex mutex_;
  std::map<std::uint64_t, ChunkRejects> waiting_;  // finished before an earlier chunk
  std::uint64_t next_sequence_ = 0;
  std::size_t input_ = 0;
  std::uint64_t lines_ = 0;  // of the input at hand, that were read so far
  std::string rows_;         // to be written
  std::string examples_;
  std::array<std::string, kRejectReasonCount> reasons_;  // as their first examples explain them
  std::size_t example_count_ = 0;
};

}  // namespace billing
