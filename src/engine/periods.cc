#include "engine/periods.h"

#include <algorithm>
#include <string>
#include <utility>

namespace billing {

Periods::Periods(const CyclePolicy& cycles, UsageKey key) : cycles_(cycles), key_(std::move(key)) {}

std::int64_t Periods::cycle_of(std::int64_t time_ns) const { return span_of(time_ns).cycle; }

CycleSpan Periods::span_of(std::int64_t time_ns) const {
  const CycleSpan span = key_.cycle ? cycles_.span_of(time_ns) : kAllTimes;
  const std::uint32_t part = key_.part_of(time_ns);
  const auto& splits_ns = key_.splits_ns;
  return {part == 0 ? span.begin_ns : std::max(span.begin_ns, splits_ns[part - 1]),
          part == splits_ns.size() ? span.end_ns : std::min(span.end_ns, splits_ns[part]),
          period_of(span.cycle, part, key_.parts())};
}

void Periods::append_label(std::int64_t period, std::string& out) const {
  if (key_.cycle) cycles_.append_label(cycle_of_period(period, key_.parts()), out);
  out += " part " + std::to_string(part_of_period(period, key_.parts()));
}

}  // namespace billing
