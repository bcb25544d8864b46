#include "job/chunk_rejects.h"

#include "base/byte_codec.h"

namespace billing {

void ChunkRejects::add(const RejectedRecord& reject) {
  append_varint(packed_, reject.line - last_line_);
  append_varint(packed_, reject.offset_bytes - last_offset_bytes_);
  append_varint(packed_, reject.column);
  append_varint(packed_, static_cast<std::uint64_t>(reject.reason));
  append_varint(packed_, reject.record_bytes);
  append_string(packed_, reject.record);
  // An excerpt of a record that is kept whole is cut again from there.
  if (reject.record.size() < reject.record_bytes) {
    append_varint(packed_, reject.excerpt_begin);
    append_string(packed_, reject.excerpt);
  }
  last_line_ = reject.line;
  last_offset_bytes_ = reject.offset_bytes;
  ++count_;
}

void ChunkRejects::for_each(const std::function<void(const RejectedRecord&)>& take) const {
  ByteReader packed(packed_);
  std::uint64_t line = 0;
  std::uint64_t offset_bytes = 0;
  while (!packed.at_end()) {
    line += packed.varint();
    offset_bytes += packed.varint();
    const auto column = static_cast<std::uint32_t>(packed.varint());
    const auto reason = static_cast<RejectReason>(packed.varint());
    const std::uint64_t record_bytes = packed.varint();
    RejectedRecord reject =
        make_rejected_record(line, offset_bytes, column, reason, packed.string(), record_bytes);
    if (reject.record.size() < reject.record_bytes) {
      reject.excerpt_begin = packed.varint();
      reject.excerpt = packed.string();
    }
    take(reject);
  }
}

}  // namespace billing
