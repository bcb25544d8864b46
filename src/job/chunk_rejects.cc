#include "job/chunk_rejects.h"

#include "base/byte_codec.h"
#include "values/packed_reject.h"

namespace billing {

// Lines and offsets are packed as their distance from those of the reject before.

void ChunkRejects::add(const RejectedRecord& reject) {
  RejectedRecord relative = reject;
  relative.line -= last_line_;
  relative.offset_bytes -= last_offset_bytes_;
  pack_reject(packed_, relative);
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
    RejectedRecord reject = unpack_reject(packed).value();
    reject.line = line += reject.line;
    reject.offset_bytes = offset_bytes += reject.offset_bytes;
    if (reject.record.size() < reject.record_bytes) {
      reject.excerpt_begin = packed.varint();
      reject.excerpt = packed.string();
    }
    take(reject);
  }
}

}  // namespace billing
