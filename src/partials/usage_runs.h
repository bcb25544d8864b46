#pragma once

// Usage in several files: those that did not fit into memory together, or partials to be merged.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "partials/spill_file.h"
#include "partials/usage_file.h"

namespace billing {

/// Tasks and ordered rows as bytes. Copies share the source.
struct UsageRun {
  std::shared_ptr<const ByteSource> bytes;
  std::uint64_t begin_bytes = 0;       ///< of the first block; a foreign file's is its header
  std::uint64_t rows_begin_bytes = 0;  ///< of the first block of rows
  ChecksumOfBlocks before_rows;        ///< of the blocks in between
  RowBounds bounds;
};

/// The rows of a file, from the first. Throws Error(run) where it has changed since it was opened.
UsageFileReader read_rows(const UsageRun& run);

/// One thread at a time; uses the TBB threads of the calling arena.
class UsageRuns {
 public:
  UsageRuns() = default;
  UsageRuns(RowKind kind, SpillOptions options) : kind_(kind), options_(std::move(options)) {}

  bool empty() const { return levels_.empty(); }

  /// Adds a file that is there.
  void add(UsageRun run) { add(std::move(run), 0); }

  /// Writes usage to a temporary file that has no name and goes when it is closed. Throws
  /// Error(run) that names the folder where it cannot be written.
  void spill(const OrderedUsage& usage);

  /// Likewise, of usage that memory has room for, so that it can be merged with files: not counted
  /// in SpillOptions::spilled_bytes.
  void set_beside_files(const OrderedUsage& usage);

  /// Makes one file of many where there are too many. Best called while nothing else takes memory.
  void bring_together();

  /// All of it, in order, to be read any number of times; it lives on without this object. Where
  /// there are too many files to be read at once, brings some together in new ones first.
  UsageSource merged();

 private:
  using Runs = std::vector<UsageRun>;

  void add(UsageRun run, std::size_t level);
  bool may_be_merged(std::size_t count, std::uint64_t bytes) const;
  Runs take_mergeable(Runs& runs) const;
  UsageRun merge(const Runs& runs) const;
  template <class WriteTasks, class WriteRows>
  UsageRun write_run(const WriteTasks& write_tasks, const WriteRows& write_rows) const;

  RowKind kind_ = RowKind::sums;
  SpillOptions options_;
  /// levels_[n] holds runs that were merged n times. As soon as a level has as many as can be read
  /// at once, they are merged into one run of the next level.
  std::vector<Runs> levels_;
};

}  // namespace billing
