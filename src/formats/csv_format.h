#pragma once

// Delimited text: RFC 4180 with any separator, with quotes or without.

#include <memory>

#include "billing/record_format.h"
#include "formats/input_format.h"

namespace billing {

/// Throws Error(configuration) where the mapping is wrong, or asks for a column that is not there.
std::shared_ptr<const InputFormat> make_csv_format(const RecordFormat& format);

}  // namespace billing
