#pragma once

// Records of a stream, one at a time, of which the too long ones are not kept whole.

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

#include "billing/record_format.h"

namespace billing::naive {

struct RawRecord {
  std::string_view text;         ///< without its LF and one CR before it; cut where it is too long
  std::uint64_t text_bytes = 0;  ///< length of the whole text
  std::uint64_t bytes = 0;       ///< that the record takes in the stream, with its end
  std::uint64_t offset_bytes = 0;  ///< of its first byte in the stream
  std::uint64_t line = 0;          ///< of its first byte, from 1
  std::uint64_t lines = 0;         ///< that it spans
  bool is_broken = false;          ///< see JsonDocuments
};

/// For one thread. Lines, but where quotes hold line ends: a record ends at the LF before which an
/// even number of quotes stands since the stream's beginning.
class RecordStream {
 public:
  /// Keeps a beginning of records longer than `max_bytes`, at least kMaxKeptRecordBytes. The
  /// stream must outlive it.
  RecordStream(std::istream& stream, const RecordFormat& format, std::uint64_t max_bytes);

  /// False behind the last record. The text is valid until the next call.
  bool next(RawRecord& record);

 private:
  std::istream& stream_;
  bool has_quotes_;
  std::uint64_t kept_bytes_;
  std::string text_;
  bool is_in_quotes_ = false;
  std::uint64_t offset_bytes_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace billing::naive
