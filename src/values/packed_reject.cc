#include "values/packed_reject.h"

#include <cstdint>

namespace billing {

void pack_reject(std::string& out, const RejectedRecord& reject) {
  append_varint(out, reject.line);
  append_varint(out, reject.offset_bytes);
  append_varint(out, reject.column);
  append_string(out, reject_reason_name(reject.reason));
  append_varint(out, reject.record_bytes);
  append_string(out, reject.record);
}

std::optional<RejectedRecord> unpack_reject(ByteReader& bytes) {
  const std::uint64_t line = bytes.varint();
  const std::uint64_t offset_bytes = bytes.varint();
  const auto column = static_cast<std::uint32_t>(bytes.varint());
  const std::optional<RejectReason> reason = reject_reason_of(bytes.string());
  const std::uint64_t record_bytes = bytes.varint();
  const std::string_view record = bytes.string();
  if (!reason) return std::nullopt;
  return make_rejected_record(line, offset_bytes, column, *reason, record, record_bytes);
}

}  // namespace billing
