#pragma once

// How much memory usage takes until it is closed, for the plan that keeps runs below their limit.

#include <cstddef>

#include "billing/meter.h"
#include "engine/usage_parts.h"

namespace billing {

/// Bytes of what a meter has kept, and of what closing it takes beside that.
std::size_t planned_bytes(const MeterUsage& usage, const MeterOptions& options);

/// Of them, what its tasks take.
std::size_t planned_task_bytes(const MeterUsage& usage);

}  // namespace billing
