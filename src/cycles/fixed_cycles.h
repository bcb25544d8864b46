#pragma once

// Cycles that no calendar moves: a fixed number of seconds, and one cycle for everything.

#include <memory>
#include <string_view>

#include "billing/cycle_policy.h"

namespace billing {

/// `length` is what follows `every:`, e.g. `15m`: 1 to 1000000000, then s, m, h or d. Cycles are
/// counted from 1970-01-01T00:00:00Z. Throws Error(configuration).
std::unique_ptr<const CyclePolicy> make_every_cycles(std::string_view length);

/// One cycle, named `all`.
std::unique_ptr<const CyclePolicy> make_all_cycles();

}  // namespace billing
