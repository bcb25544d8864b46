#pragma once

#include <memory>

#include "billing/record_format.h"
#include "formats/input_format.h"

namespace billing {

/// The format `text` with filters or keys of duplicates. Throws Error(configuration) as
/// WhereFilters and DedupeKey do.
std::shared_ptr<const InputFormat> make_filtered_text(const RecordFormat& format);

}  // namespace billing
