#pragma once

#include <bitset>
#include <cstdint>
#include <limits>

#include "billing/event_batch.h"

namespace billing {

/// The bit of kNoStatus is set in the set of all alone: no filter names it.
using StatusSet = std::bitset<kMaxStatus + 1>;

/// `--since`, `--until` (half-open) and `--status`: what does not pass is `filtered`, not billed.
struct EventFilter {
  std::int64_t since_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_ns = std::numeric_limits<std::int64_t>::max();
  StatusSet statuses = StatusSet().set();

  bool passes(std::int64_t time_ns, std::uint16_t status) const {
    return time_ns >= since_ns && time_ns < until_ns && statuses[status];
  }

  bool passes_everything() const {
    return since_ns == std::numeric_limits<std::int64_t>::min() &&
           until_ns == std::numeric_limits<std::int64_t>::max() && statuses.all();
  }
};

}  // namespace billing
