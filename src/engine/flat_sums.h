#pragma once

// Sums that no longer tell users apart.

#include <functional>
#include <memory>

#include "billing/sums.h"

namespace billing {

/// Adds up rows with equal cycle and task and orders them, on the TBB threads of the calling arena.
/// `sums` is not needed afterwards.
std::unique_ptr<Sums> flatten(const Sums& sums, const std::function<void()>& checkpoint);

}  // namespace billing
