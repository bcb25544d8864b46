#pragma once

// What must hold of partials that are merged.

#include "partials/partial_file.h"

namespace billing {

/// Only runs with the state itself bill its last lines: a bill without them would be wrong. Throws
/// Error(run) for a partial that has any.
void refuse_last_lines(const PartialFile& partial);

/// Throws Error(run) that names the options in which they differ.
void check_same_options(const PartialFile& first, const PartialFile& other);

}  // namespace billing
