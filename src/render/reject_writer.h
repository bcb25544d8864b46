#pragma once

// The file of `--rejects`: CSV, one row for a record that was not billed.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace billing {

inline constexpr std::string_view kRejectHeader = "file,line,byte_offset,reason,record\n";

/// Of a longer record only so many bytes are written, and how many there were more.
inline constexpr std::size_t kMaxWrittenRecordBytes = 65'536;

/// Where a rejected record stands and what it is. `record` is the line without its line end.
struct RejectRow {
  std::string_view file;
  std::uint64_t line;          ///< from 1
  std::uint64_t offset_bytes;  ///< 0-based start of the line
  std::string_view reason;
  std::string_view record;
};

/// Appends the row with file and record escaped (base/escape_text.h), then made cells.
void append_reject_row(std::string& out, const RejectRow& row, bool csv_safe);

}  // namespace billing
