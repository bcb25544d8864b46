#include "partials/usage_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/byte_codec.h"
#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/event_batch.h"
#include "billing/usage_key.h"

namespace billing {

UsageFileReader::UsageFileReader(std::unique_ptr<BlockReader> blocks, const RowBounds& bounds)
    : blocks_(std::move(blocks)), bounds_(bounds) {}

bool UsageFileReader::next_user() {
  if (!has_group_ && !next_group()) return false;
  if (any_user_ && rows_.user() <= user_) fail("its users are not in order");
  user_ = rows_.user();
  if (bounds_.foreign) check_user();
  any_user_ = true;
  has_group_ = false;
  first_of_user_ = true;
  return true;
}

/// Whether a user whose group is at its end goes on in the next one.
bool UsageFileReader::continues_in_next_group() {
  if (!has_group_ && !next_group()) return false;
  if (rows_.user() != user_) return false;
  has_group_ = false;
  return true;
}

bool UsageFileReader::next_group() {
  while (!at_end_) {
    if (rows_.next_group()) {
      has_group_ = true;
      return true;
    }
    if (rows_.failed()) fail("its rows are invalid");
    const BlockReader::Block block = blocks_->next();
    block_offset_bytes_ = block.offset_bytes - kBlockHeadBytes;
    if (block.kind == BlockKind::end) {
      check_end(block.payload);
      at_end_ = true;
    } else if (block.kind == BlockKind::rows) {
      rows_ = RowDecoder(block.payload);
    } else {
      fail("its blocks are not in order");
    }
  }
  return false;
}

void UsageFileReader::check_user() const {
  const bool valid = bounds_.foreign->users ? is_valid_name(user_) : user_.empty();
  if (!valid) fail("a user's name is not one that a log can hold");
}

bool UsageFileReader::is_expected(const UsageRow& row) const {
  const ForeignRows& foreign = *bounds_.foreign;
  if (row.when < foreign.earliest || row.when > foreign.latest) return false;
  return !foreign.cycles || (!first_of_user_ && row.when == last_.when) ||
         foreign.cycles->is_cycle(cycle_of_period(row.when, foreign.parts));
}

void UsageFileReader::check(const UsageRow& row) {
  if (rows_.failed() || row.task >= bounds_.tasks) fail("its rows are invalid");
  if (bounds_.foreign) check_foreign(row);
  totals_.add(row, bounds_.rows);
  if (bounds_.foreign && totals_.calls > bounds_.foreign->calls)
    fail("its rows are not what its inputs add up to");
}

void UsageFileReader::check_foreign(const UsageRow& row) {
  // Also bounds what any number of rows can add up to, as their calls are bounded.
  const bool possible =
      (bounds_.rows == RowKind::sums ? row.extra > 0 : row.extra <= kMaxStatus) &&
      magnitude(row.quantity) <= Uint128{calls_of(row, bounds_.rows)} * kMaxQuantity &&
      (row.quantity >= 0 || bounds_.foreign->negative);
  if (!possible || !is_expected(row)) fail("its rows are invalid");
  if (!first_of_user_) {
    const bool ordered = bounds_.rows == RowKind::events
                             ? last_ <= row
                             : std::pair(last_.when, last_.task) < std::pair(row.when, row.task);
    if (!ordered) fail("its rows are not in order");
  }
  first_of_user_ = false;
  last_ = row;
}

void UsageFileReader::check_end(std::string_view payload) {
  ByteReader bytes(payload);
  const std::uint64_t rows = bytes.varint();
  const std::uint64_t calls = bytes.varint();
  const auto quantity = bytes.fixed<Int128>();
  const auto checksums = bytes.fixed<std::uint64_t>();
  if (bytes.failed() || !bytes.at_end() || checksums != blocks_->checksums().value() ||
      rows != totals_.rows || calls != totals_.calls || quantity != totals_.quantity) {
    fail("a part of it is missing");
  }
  if (bounds_.foreign &&
      (totals_.calls != bounds_.foreign->calls || totals_.quantity != bounds_.foreign->quantity))
    fail("its rows are not what its inputs add up to");
  blocks_->expect_end();
}

void UsageFileReader::fail(const std::string& what) const {
  blocks_->fail(block_offset_bytes_, what);
}

}  // namespace billing
