#pragma once

// Writing usage files; docs/partial-format.md describes them.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "billing/ordered_usage.h"
#include "partials/row_blocks.h"

namespace billing {

/// What comes before the rows, in the order of block kinds, records with keys behind end_head();
/// rows, from one source; then finish().
/// Uses the TBB threads of the calling arena.
class UsageFileWriter {
 public:
  /// `append` is called by one thread at a time, in the order of the file. `checkpoint` is called
  /// now and then; what either throws passes through.
  UsageFileWriter(std::function<void(std::string_view)> append, std::function<void()> checkpoint,
                  RowKind kind)
      : append_(std::move(append)), checkpoint_(std::move(checkpoint)), kind_(kind) {}

  void write_header(std::string_view payload);
  /// Adds to the block under way, or begins another where that is full or of another kind.
  void write_item(BlockKind kind, std::string_view item);
  void write_task(std::string_view name);
  /// Ends what comes before records and rows. Rows and the end do so by themselves.
  void end_head();
  /// Names of tasks so far.
  std::uint32_t tasks() const { return tasks_; }
  /// The checksum of all blocks so far.
  const ChecksumOfBlocks& checksums() const { return checksums_; }

  void write_rows(const OrderedUsage& usage);
  void write_rows(UsageStream& usage);
  void finish();

  const RowTotals& totals() const { return totals_; }

 private:
  void take(Blocks& blocks);
  void end_items();
  void write_block(BlockKind kind, std::string_view payload);

  std::function<void(std::string_view)> append_;
  std::function<void()> checkpoint_;
  RowKind kind_;
  BlockKind items_kind_ = BlockKind::tasks;
  bool head_ended_ = false;
  std::string items_;  // of the block under way
  std::string item_;
  std::uint32_t tasks_ = 0;
  ChecksumOfBlocks checksums_;
  RowTotals totals_;
};

}  // namespace billing
