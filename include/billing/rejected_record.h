#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "billing/reject.h"

namespace billing {

/// Only the beginning of a longer record is kept, so that bad records cannot fill the memory.
inline constexpr std::size_t kMaxKeptRecordBytes = 65'536;

/// A reject with its place in the input and its text, as messages and the rejects file show it. The
/// record is what stands before its line end, without one CR before that or before the end of the
/// input; one of quoted CSV may hold further line ends. Blanks around it are kept, so that `column`
/// counts in it. It may hold any bytes. Views are valid only during the call that hands them over.
struct RejectedRecord {
  std::uint64_t line;          ///< on which the record begins, from 1, blanks included
  std::uint64_t offset_bytes;  ///< 0-based start of the record in its input
  std::uint32_t column;        ///< 1-based byte of the offending field (saturates at 2^32 - 1)
  RejectReason reason;
  std::uint64_t record_bytes;  ///< length of the whole record
  std::string_view record;     ///< at most its first kMaxKeptRecordBytes
  /// Up to 1,024 bytes of the record, from at most 256 bytes before `column`.
  std::string_view excerpt;
  std::uint64_t excerpt_begin;  ///< where in the record the excerpt begins
};

/// Cuts record and excerpt; the result points into `record`, which is the whole record or, where it
/// is shorter than `record_bytes`, its beginning. `column` is at least 1.
inline RejectedRecord make_rejected_record(std::uint64_t line, std::uint64_t offset_bytes,
                                           std::uint32_t column, RejectReason reason,
                                           std::string_view record, std::uint64_t record_bytes) {
  constexpr std::size_t kExcerptBytesBefore = 256;
  constexpr std::size_t kExcerptBytes = 1024;
  const std::size_t place = std::min<std::size_t>(column - 1, record.size());
  const std::size_t begin = place - std::min(place, kExcerptBytesBefore);
  return {line,
          offset_bytes,
          column,
          reason,
          record_bytes,
          record.substr(0, kMaxKeptRecordBytes),
          record.substr(begin, kExcerptBytes),
          begin};
}

}  // namespace billing
