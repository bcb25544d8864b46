#pragma once

// What making partials and merging them have in common: what either may take of the machine.

#include <oneapi/tbb/task_arena.h>

#include <functional>

#include "billing/partials.h"
#include "job/memory_plan.h"
#include "partials/spill_file.h"

namespace billing {

struct PartialWork {
  explicit PartialWork(const WorkLimits& limits_);

  SpillOptions spill() const;

  /// Runs something on the threads that it may have.
  template <class Run>
  auto in_arena(const Run& run) const {
    tbb::task_arena arena(arena_threads(memory));
    return arena.execute(run);
  }

  WorkLimits limits;
  MemoryPlan memory;
  std::function<void()> checkpoint;
};

}  // namespace billing
