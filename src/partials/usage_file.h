#pragma once

// Reading the rows of a usage file from its first block to its end.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/cycle_policy.h"
#include "billing/int128.h"
#include "billing/ordered_usage.h"
#include "partials/block_reader.h"
#include "partials/row_blocks.h"

namespace billing {

/// What a file from outside must hold besides ordered rows.
struct ForeignRows {
  bool users = true;                          ///< rows belong to users, else to one without a name
  std::int64_t earliest;                      ///< `when` lies from here ...
  std::int64_t latest;                        ///< ... to here
  std::shared_ptr<const CyclePolicy> cycles;  ///< where `when` is of one of these; else null
  Uint128 calls;                              ///< of all rows
  Int128 quantity;
  bool negative = false;  ///< whether rows may have negative quantities
  std::size_t parts = 1;  ///< of the time line, in periods
};

/// What a file may hold.
struct RowBounds {
  RowKind rows = RowKind::sums;
  std::uint32_t tasks = 0;             ///< rows name tasks below this
  std::optional<ForeignRows> foreign;  ///< nothing for files of this very run
};

/// The rows of a file, in order; what comes from outside is checked to be so, row by row. One
/// thread.
class UsageFileReader {
 public:
  /// `blocks` stands at the first block of rows.
  UsageFileReader(std::unique_ptr<BlockReader> blocks, const RowBounds& bounds);

  /// Goes to the next user, of whom all rows have been read; false at the end of a whole file.
  bool next_user();
  std::string_view user() const { return user_; }

  /// The user's next row; false where there are none left. Throws Error(run) where the file is
  /// damaged, or comes from outside and its rows are not in order.
  bool next_row(UsageRow& row) {
    if (!rows_.group_has_more() && !continues_in_next_group()) return false;
    row = rows_.next_row();
    check(row);
    return true;
  }

 private:
  bool continues_in_next_group();
  bool next_group();
  void check(const UsageRow& row);
  void check_foreign(const UsageRow& row);
  bool is_expected(const UsageRow& row) const;
  void check_user() const;
  void check_end(std::string_view payload);
  [[noreturn]] void fail(const std::string& what) const;

  std::unique_ptr<BlockReader> blocks_;
  RowBounds bounds_;
  std::uint64_t block_offset_bytes_ = 0;
  RowDecoder rows_;
  bool at_end_ = false;
  bool has_group_ = false;  // rows_ stands at a group that has not been begun
  std::string user_;
  bool any_user_ = false;
  bool first_of_user_ = true;
  UsageRow last_{};
  RowTotals totals_;
};

}  // namespace billing
