#pragma once

// Sums of no user in particular, in order.

#include <memory>

#include "billing/ordered_usage.h"
#include "engine/user_usage.h"

namespace billing {

/// Of usage that keeps neither users nor events: brings the partitions' sums into one order, on the
/// TBB threads of the calling arena.
std::unique_ptr<OrderedUsage> make_flat_usage(const ClosedUsage& usage);

}  // namespace billing
