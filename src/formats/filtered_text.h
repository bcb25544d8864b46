#pragma once

#include <memory>

#include "billing/record_format.h"
#include "formats/input_format.h"

namespace billing {

/// The format `text` with filters. Throws Error(configuration) as WhereFilters does.
std::shared_ptr<const InputFormat> make_filtered_text(const RecordFormat& format);

}  // namespace billing
