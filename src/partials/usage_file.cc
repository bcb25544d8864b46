#include "partials/usage_file.h"

#include <fmt/format.h>
#include <unistd.h>

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

namespace billing {

BlockReader::BlockReader(int fd, std::string name, std::uint64_t offset_bytes,
                         std::size_t buffer_bytes)
    : fd_(fd), name_(std::move(name)), offset_bytes_(offset_bytes) {
  buffer_.resize(buffer_bytes);
}

BlockReader::Block BlockReader::next() {
  if (!fill(kBlockHeadBytes)) fail(offset_bytes_, "the file is cut off");
  std::uint32_t head[2];
  std::memcpy(head, buffer_.data() + used_bytes_, sizeof(head));
  const auto kind = static_cast<BlockKind>(head[1]);
  if (kind < BlockKind::header || kind > BlockKind::end || head[0] > max_payload_bytes(kind))
    fail(offset_bytes_, "the file is damaged");
  const std::size_t checked_bytes = kBlockHeadBytes + head[0];
  if (!fill(checked_bytes + kBlockChecksumBytes)) fail(offset_bytes_, "the file is cut off");
  const std::string_view block(buffer_.data() + used_bytes_, checked_bytes);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, block.data() + checked_bytes, sizeof(checksum));
  if (checksum != checksum_of(block)) fail(offset_bytes_, "the file is damaged");
  checksum_ = checksum;
  if (kind != BlockKind::end) checksums_.add(checksum);
  used_bytes_ += checked_bytes + kBlockChecksumBytes;
  offset_bytes_ += checked_bytes + kBlockChecksumBytes;
  return {kind, block.substr(kBlockHeadBytes)};
}

void BlockReader::expect_end() {
  if (fill(1)) fail(offset_bytes_, "the file goes on behind its end");
}

bool BlockReader::fill(std::size_t bytes) {
  if (filled_bytes_ - used_bytes_ >= bytes) return true;
  std::memmove(buffer_.data(), buffer_.data() + used_bytes_, filled_bytes_ - used_bytes_);
  filled_bytes_ -= used_bytes_;
  used_bytes_ = 0;
  // Grows with what is really there, whatever a damaged size says.
  while (filled_bytes_ < bytes) {
    if (filled_bytes_ == buffer_.size()) buffer_.resize(std::min(buffer_.size() * 2, bytes));
    const ssize_t size =
        ::pread(fd_, buffer_.data() + filled_bytes_, buffer_.size() - filled_bytes_,
                static_cast<off_t>(offset_bytes_ + filled_bytes_));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      throw Error(ErrorKind::run, "cannot read " + quoted_text(name_) + ": " +
                                      std::system_category().message(errno));
    }
    if (size == 0) return false;
    filled_bytes_ += static_cast<std::size_t>(size);
  }
  return true;
}

void BlockReader::fail(std::uint64_t offset_bytes, const std::string& what) const {
  throw Error(ErrorKind::run, fmt::format("{}: {} (at byte {}); make it anew from its logs",
                                          quoted_text(name_), what, offset_bytes));
}

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
    if (rows_.failed()) fail("its rows make no sense");
    block_offset_bytes_ = blocks_->offset_bytes();
    const BlockReader::Block block = blocks_->next();
    if (block.kind == BlockKind::end) {
      check_end(block.payload);
      at_end_ = true;
    } else if (block.kind == BlockKind::rows) {
      rows_ = RowDecoder(block.payload);
    } else {
      fail("it has two headers");
    }
  }
  return false;
}

void UsageFileReader::check_user() const {
  const bool valid = bounds_.foreign->users ? is_whole_name(user_) : user_.empty();
  if (!valid) fail("a user has a name that no log has");
}

bool UsageFileReader::is_expected(const UsageRow& row) const {
  const ForeignRows& foreign = *bounds_.foreign;
  if (row.when < foreign.earliest || row.when > foreign.latest) return false;
  return !foreign.cycles || (!first_of_user_ && row.when == last_.when) ||
         foreign.cycles->is_cycle(row.when);
}

void UsageFileReader::check(const UsageRow& row) {
  if (rows_.failed() || row.task >= bounds_.tasks) fail("its rows make no sense");
  if (bounds_.foreign) check_foreign(row);
  totals_.add(row, bounds_.events);
}

void UsageFileReader::check_foreign(const UsageRow& row) {
  const bool possible = bounds_.events ? row.extra >= kMinStatus && row.extra <= kMaxStatus &&
                                             row.quantity <= kMaxQuantity
                                       : row.extra > 0;
  if (!possible || !is_expected(row)) fail("its rows make no sense");
  if (!first_of_user_) {
    const bool ordered = bounds_.events
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
  const auto quantity = bytes.fixed<Uint128>();
  const auto checksums = bytes.fixed<std::uint64_t>();
  if (bytes.failed() || !bytes.at_end() || checksums != blocks_->checksum_of_blocks() ||
      rows != totals_.rows || calls != totals_.calls || quantity != totals_.quantity) {
    fail("a part of it is missing");
  }
  if (bounds_.foreign && !totals_.are(bounds_.foreign->calls, bounds_.foreign->quantity))
    fail("its rows are not what its inputs add up to");
  blocks_->expect_end();
}

void UsageFileReader::fail(const std::string& what) const {
  blocks_->fail(block_offset_bytes_, what);
}

}  // namespace billing
