#pragma once

#include <string>
#include <string_view>

#include "billing/rejected_record.h"

namespace billing {

/// Appends three lines that show a reject: `  file:line:column: reason`, the record (escaped, about
/// 120 columns around the place), and a caret below the place.
void append_excerpt(std::string& out, std::string_view file, const RejectedRecord& reject);

}  // namespace billing
