#pragma once

// A bill in memory, by columns: what the job hands over line by line, to be read as Arrow or
// written as the program writes it.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "arrow_export.h"
#include "billing/output_format.h"
#include "billing/statement_sink.h"

namespace billing::python {

/// Up to kChunkLines lines; parts of the key that the bill does not keep have no values.
struct BillChunk {
  std::string users;                    ///< all names, one after the other
  std::vector<std::int32_t> user_ends;  ///< and where each begins and the last ends
  std::vector<std::int64_t> cycles;
  std::vector<std::int32_t> tasks;
  std::vector<std::int64_t> calls;
  std::vector<std::int64_t> quantities;
  std::vector<Int128> costs;

  std::size_t size() const { return costs.size(); }
};

/// Filled by one job; afterwards immutable, and read by any number of threads.
class BillTable final : public StatementSink {
 public:
  /// So few that the names of a chunk, each of at most 255 bytes, have 32-bit offsets.
  static constexpr std::size_t kChunkLines = std::size_t{1} << 16;

  void begin(const StatementHead& head) override;
  void take(std::span<const StatementLine> lines) override;
  void commit() override;

  const StatementHead& head() const { return head_; }
  const std::vector<BillChunk>& chunks() const { return chunks_; }
  std::uint64_t size() const { return size_; }
  /// Of the bill's columns: those that are grouped by, as the header of its CSV has them.
  std::vector<ArrowField> fields() const;
  /// Throws Error(run) where a cost has more digits than a decimal of Arrow.
  void check_arrow() const;

  /// The names of all tasks, for the dictionary of that column.
  const std::string& task_bytes() const { return task_bytes_; }
  const std::vector<std::int32_t>& task_ends() const { return task_ends_; }

  /// Hands over the bytes that the program writes, piece by piece.
  void render(OutputFormat format, bool csv_safe,
              const std::function<void(std::string_view)>& write) const;

 private:
  StatementHead head_;
  std::vector<BillChunk> chunks_;
  std::uint64_t size_ = 0;
  bool has_huge_cost_ = false;
  std::string task_bytes_;
  std::vector<std::int32_t> task_ends_;
};

/// The batches of a table, each a chunk.
std::unique_ptr<ArrowSource> read_as_arrow(std::shared_ptr<const BillTable> table);

}  // namespace billing::python
