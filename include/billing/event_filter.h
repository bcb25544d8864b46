#pragma once

// Which events are billed at all.
//
//     EventFilter filter;  // passes everything
//     filter.since_ns = parse_instant_ns("2025-05-01", "UTC");
//     filter.statuses.reset().set(200).set(201);

#include <bitset>
#include <cstdint>
#include <limits>

#include "billing/event_batch.h"

namespace billing {

/// One bit a status. Only the set of all statuses has the bit of kNoStatus: events without a status
/// do not pass a filter that names some.
using StatusSet = std::bitset<kMaxStatus + 1>;

/// Events in [since_ns, until_ns), in ns since 1970, with one of `statuses` pass; all others are
/// counted as `filtered` and not billed.
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
