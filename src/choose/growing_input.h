#pragma once

// The format of inputs that are read in steps: chosen at the first, the same at all others.

#include "billing/choose_format.h"

namespace billing {

/// As choose_format(), of an input that may have been read before and may end within a record. Of
/// one that holds no whole record and is nothing by itself yet, the choice is that of an input
/// without records.
FormatChoice choose_growing_format(const FormatSettings& settings, const InputSample& sample);

/// Whether an input may turn out to be objects of JSON.
bool may_be_json(const FormatSettings& settings);

}  // namespace billing
