#pragma once

// Sums of a statement that is not grouped by user.

#include <memory>

#include "billing/sums.h"
#include "engine/user_sums.h"

namespace billing {

/// Adds up the sums of all users and orders them, in parallel. `usage` gives up its records.
std::unique_ptr<Sums> make_flat_sums(ClosedUsage usage);

}  // namespace billing
