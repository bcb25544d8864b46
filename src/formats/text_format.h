#pragma once

// The API log, `time user task status NNNms`: its mapping is built in.

#include <memory>

#include "formats/input_format.h"

namespace billing {

/// One for all inputs whose quantities are whole ms.
const std::shared_ptr<const InputFormat>& text_format();

/// That of the options, or `text`.
inline const InputFormat& decoding_format(const MediationOptions& options) {
  return options.format ? *options.format : *text_format();
}

/// Quantities are ms of `digits` decimals: of logs that are billed together with others. What is
/// too large then is a reject.
std::shared_ptr<const InputFormat> make_text_format(int digits);

}  // namespace billing
