#pragma once

// Rows of usage <-> blocks of bytes; docs/partial-format.md describes them.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_codec.h"
#include "billing/int128.h"
#include "billing/ordered_usage.h"
#include "partials/block_writer.h"

namespace billing {

/// What the rows of a file add up to.
struct RowTotals {
  std::uint64_t rows = 0;
  Uint128 calls = 0;
  Int128 quantity = 0;

  bool operator==(const RowTotals&) const = default;

  void add(const UsageRow& row, RowKind kind) {
    ++rows;
    calls += calls_of(row, kind);
    quantity += row.quantity;
  }
  RowTotals& operator+=(const RowTotals& more) {
    rows += more.rows;
    calls += more.calls;
    quantity += more.quantity;
    return *this;
  }
};

/// Rows in order -> blocks. One thread; several may make the blocks of different parts of a file.
class RowEncoder final : public UsageSink {
 public:
  explicit RowEncoder(RowKind kind) : kind_(kind) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override;
  void add(std::span<const UsageRow> rows) override;

  /// Ends the block under way.
  void flush();

  /// The blocks so far; clear them when they have been used.
  Blocks& blocks() { return blocks_; }
  RowTotals& totals() { return totals_; }

 private:
  void append_group();
  void flush_block();

  RowKind kind_;
  std::string user_;
  std::vector<UsageRow> group_;  // rows of user_ that are not yet in the block
  std::string previous_user_;    // in the block
  std::string payload_;
  Blocks blocks_;
  RowTotals totals_;
};

/// One block -> rows. Never trusts the bytes: what is wrong with them ends in failed().
class RowDecoder {
 public:
  /// `payload` must outlive the decoder.
  explicit RowDecoder(std::string_view payload = {}) : bytes_(payload) {}

  /// Goes to the next group, of which all rows have been read; false at the end.
  bool next_group();
  const std::string& user() const { return user_; }
  bool group_has_more() const { return rows_left_ > 0; }
  UsageRow next_row();

  bool failed() const { return bytes_.failed(); }

 private:
  ByteReader bytes_;
  std::int64_t unit_ = 1;
  std::string user_;
  std::uint64_t rows_left_ = 0;
  bool first_in_group_ = false;
  std::uint64_t when_ = 0;  // in units, wraps
};

}  // namespace billing
