#pragma once

// Lines of web servers: fields between literals, by a definition of the server's configuration.

#include <memory>

#include "billing/record_format.h"
#include "formats/input_format.h"

namespace billing {

/// Throws Error(configuration) where the definition or the mapping is wrong, or a field is asked
/// for that lines of this definition have not.
std::shared_ptr<const InputFormat> make_web_format(const RecordFormat& format);

}  // namespace billing
