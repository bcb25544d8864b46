#pragma once

// The file of `--rejects`: CSV, one row for a record that was not billed.

#include <string>
#include <string_view>

#include "billing/rejected_record.h"

namespace billing {

inline constexpr std::string_view kRejectHeader = "file,line,byte_offset,reason,record\n";

/// Appends the row with file and record escaped (base/escape_text.h), then made cells. Of a long
/// record stands what is kept of it, and how many bytes there were more.
void append_reject_row(std::string& out, std::string_view file, const RejectedRecord& reject,
                       bool csv_safe);

}  // namespace billing
