#pragma once

// Sums of no user in particular, in order.

#include <functional>
#include <memory>

#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "engine/user_usage.h"

namespace billing {

/// For usage that keeps neither users nor events. Brings the partitions' sums into one order, on
/// the TBB threads of the calling arena.
std::unique_ptr<OrderedUsage> make_flat_usage(const ClosedUsage& usage);

/// Adds up sums with equal cycle, part (there are so many) and task, whoever's they are. Null where
/// they were too many and went to `spill`. `sums` is not needed afterwards.
std::unique_ptr<OrderedUsage> add_up_users(const Sums& sums, std::size_t parts,
                                           const std::function<void()>& checkpoint,
                                           const SumSpill& spill);

}  // namespace billing
