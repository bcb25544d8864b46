#pragma once

// What is wrong with the fields that are said, where an input would have a format without them.

#include "billing/choose_format.h"
#include "billing/record_format.h"

namespace billing {

/// Whether something is said of what makes a call.
bool says_fields(const FormatSettings& settings);

/// All else that is said.
FormatSettings without_said_fields(FormatSettings settings);

/// `named` is the format that fits without these settings. Throws Error(configuration) where it
/// cannot be read with them. Where it can, and makes too few calls, that becomes the problem of
/// `choice`, and the format its form; unless fields are missing from it, which says more.
void blame_fields(const FormatSettings& settings, const RecordFormat& named,
                  const InputSample& sample, FormatChoice& choice);

}  // namespace billing
