#pragma once

// Writing usage files; docs/partial-format.md describes them.

#include <cstdint>
#include <functional>
#include <string_view>

#include "billing/ordered_usage.h"
#include "partials/row_blocks.h"

namespace billing {

/// Rows, from one source, then finish(); a header may come first. Uses the TBB threads of the
/// calling arena.
class UsageFileWriter {
 public:
  /// `append` is called by one thread at a time, in the order of the file. `checkpoint` is called
  /// now and then; what either throws passes through.
  UsageFileWriter(std::function<void(std::string_view)> append, std::function<void()> checkpoint,
                  bool events)
      : append_(std::move(append)), checkpoint_(std::move(checkpoint)), events_(events) {}

  void write_header(std::string_view payload);
  void write_rows(const OrderedUsage& usage);
  void write_rows(UsageStream& usage);
  void finish();

  const RowTotals& totals() const { return totals_; }

 private:
  void take(Blocks& blocks);

  std::function<void(std::string_view)> append_;
  std::function<void()> checkpoint_;
  bool events_;
  ChecksumOfBlocks checksums_;
  RowTotals totals_;
};

}  // namespace billing
