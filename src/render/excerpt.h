#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "billing/rejected_record.h"

namespace billing {

/// Columns of a record that are shown around the place.
inline constexpr std::size_t kExcerptColumns = 120;

/// Appends three lines that show a reject: `  file:line:column: reason`, the record (escaped, cut
/// to at most `columns` around the place), and a caret below the place.
void append_excerpt(std::string& out, std::string_view file, const RejectedRecord& reject,
                    std::size_t columns = kExcerptColumns);

}  // namespace billing
