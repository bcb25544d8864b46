#include "job/partial_work.h"

#include <algorithm>

#include "billing/error.h"
#include "job/metered_usage.h"

namespace billing {
namespace {

MemoryPlan memory_plan_of(const WorkLimits& limits) {
  constexpr std::size_t kNoChunks = 0;
  return plan_memory(std::max(limits.threads, 1U), limits.memory_limit_bytes, kNoChunks);
}

}  // namespace

PartialWork::PartialWork(const WorkLimits& limits_)
    : limits(limits_), memory(memory_plan_of(limits)), checkpoint([cancelled = limits.cancelled] {
        if (cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
      }) {}

SpillOptions PartialWork::spill() const {
  return spill_options(limits.temp_folder, memory, checkpoint, nullptr);
}

}  // namespace billing
