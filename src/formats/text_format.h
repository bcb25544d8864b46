#pragma once

// The API log, `time user task status NNNms`: its mapping is built in.

#include <memory>

#include "formats/input_format.h"

namespace billing {

/// One for all inputs.
const std::shared_ptr<const InputFormat>& text_format();

}  // namespace billing
