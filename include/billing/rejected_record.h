#pragma once

#include <cstdint>
#include <string_view>

#include "billing/reject.h"

namespace billing {

/// A reject with its place in the input and its text, as messages and `--rejects` show it.
struct RejectedRecord {
  std::uint64_t line;          ///< from 1, blanks included
  std::uint64_t offset_bytes;  ///< 0-based start of the line in its input
  std::uint32_t column;        ///< 1-based byte of the offending field (saturates at 2^32 - 1)
  RejectReason reason;
  /// The line without its LF and without the one CR before the LF or the end of the input; blanks
  /// around it are kept, so `column` counts in it. Valid only during the call that hands it over.
  std::string_view record;
};

}  // namespace billing
