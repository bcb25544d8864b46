#pragma once

// JSON Lines: an object a line.

#include <memory>

#include "billing/record_format.h"
#include "formats/input_format.h"

namespace billing {

/// Throws Error(configuration) where the mapping is wrong.
std::shared_ptr<const InputFormat> make_json_format(const RecordFormat& format);

}  // namespace billing
