#pragma once

// W3C extended logs (IIS, CloudFront): cells between spaces or tabs, whose names `#Fields:` lines
// tell (fields_lines.h). All lines that begin with `#` are directives.

#include <memory>

#include "formats/input_format.h"

namespace billing {

/// Throws Error(configuration) as make_input_format() does.
std::shared_ptr<const InputFormat> make_w3c_format(const RecordFormat& format);

}  // namespace billing
