#include "partials/block_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {

BlockReader::BlockReader(std::shared_ptr<const ByteSource> bytes, std::uint64_t offset_bytes,
                         std::size_t buffer_bytes, ChecksumOfBlocks before)
    : bytes_(std::move(bytes)), offset_bytes_(offset_bytes), checksums_(std::move(before)) {
  buffer_.resize(buffer_bytes);
}

BlockReader::Block BlockReader::next() {
  while (is_optional(read_head().kind)) next_of_any_kind();
  return next_of_any_kind();
}

BlockKind BlockReader::next_kind() {
  while (is_optional(read_head().kind)) next_of_any_kind();
  return read_head().kind;
}

BlockReader::Block BlockReader::next_of_any_kind() {
  const Head head = read_head();
  const std::size_t checked_bytes = kBlockHeadBytes + head.payload_bytes;
  if (!fill(checked_bytes + kBlockChecksumBytes)) fail(offset_bytes_, "the file is cut off");
  const std::string_view block(buffer_.data() + used_bytes_, checked_bytes);
  std::uint64_t checksum = 0;
  std::memcpy(&checksum, block.data() + checked_bytes, sizeof(checksum));
  if (checksum != checksum_of(block)) fail(offset_bytes_, "the file is damaged");
  if (head.kind != BlockKind::end) checksums_.add(checksum);
  const std::uint64_t payload_offset_bytes = offset_bytes_ + kBlockHeadBytes;
  used_bytes_ += checked_bytes + kBlockChecksumBytes;
  offset_bytes_ += checked_bytes + kBlockChecksumBytes;
  return {head.kind, block.substr(kBlockHeadBytes), payload_offset_bytes};
}

BlockReader::Head BlockReader::read_head() {
  if (!fill(kBlockHeadBytes)) fail(offset_bytes_, "the file is cut off");
  std::uint32_t head[2];
  std::memcpy(head, buffer_.data() + used_bytes_, sizeof(head));
  const auto kind = static_cast<BlockKind>(head[1]);
  if (!is_optional(kind) && (kind < BlockKind::header || kind > BlockKind::records))
    fail(offset_bytes_, "the file is damaged, or a newer program made it");
  if (head[0] == 0 || head[0] > max_payload_bytes(kind)) fail(offset_bytes_, "the file is damaged");
  return {head[0], kind};
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
    const std::size_t size =
        bytes_->read_at(offset_bytes_ + filled_bytes_, std::span(buffer_).subspan(filled_bytes_));
    if (size == 0) return false;
    filled_bytes_ += size;
  }
  return true;
}

void BlockReader::fail(std::uint64_t offset_bytes, const std::string& what) const {
  throw Error(ErrorKind::run, fmt::format("{}: {} (at byte {}); make it anew from its logs",
                                          quoted_text(bytes_->name()), what, offset_bytes));
}

ByteReader* BlockItems::next() {
  if (bytes_.at_end()) {
    if (blocks_.next_kind() != kind_) return nullptr;
    const BlockReader::Block block = blocks_.next();
    payload_ = block.payload;
    payload_offset_bytes_ = block.offset_bytes;
    bytes_ = ByteReader(payload_);
  }
  begin_ = payload_.size() - bytes_.left();
  return &bytes_;
}

}  // namespace billing
