#include <algorithm>
#include <utility>

#include "base/civil_time.h"
#include "cycles/cycle_families.h"

namespace billing {
namespace {

/// Cycle: the second since 1970 UTC at which it begins. That is the full local hour, or the moment
/// at which clocks jump into the midst of an hour: cycles stand in the order of time, and the
/// offset at that second is the cycle's own.
class HourCycles final : public CyclePolicy {
 public:
  explicit HourCycles(TimeZone zone) : zone_(std::move(zone)) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override {
    const std::int64_t time_s = floor_seconds(time_ns);
    const OffsetSpan offset = zone_.span_at(time_s);
    return std::max(full_hour_s(time_s, offset), offset.begin_s);
  }

  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t time_s = floor_seconds(time_ns);
    const OffsetSpan offset = zone_.span_at(time_s);
    const std::int64_t hour_s = full_hour_s(time_s, offset);
    const std::int64_t begin_s = std::max(hour_s, offset.begin_s);
    const std::int64_t end_s = std::min(hour_s + kSecondsPerHour, offset.end_s);
    return {saturated_ns(begin_s), saturated_ns(end_s), begin_s};
  }

  bool is_cycle(std::int64_t cycle) const override {
    const OffsetSpan offset = zone_.span_at(cycle);
    return cycle == std::max(full_hour_s(cycle, offset), offset.begin_s);
  }

  void append_label(std::int64_t cycle, std::string& out) const override {
    const std::int64_t offset_s = zone_.span_at(cycle).offset_s;
    const std::int64_t local_s = cycle + offset_s;
    const std::int64_t day = floor_div(local_s, kSecondsPerDay);
    append_date(civil_from_days(day), out);
    out.push_back('T');
    append_padded((local_s - day * kSecondsPerDay) / kSecondsPerHour, 2, out);
    if (!zone_.is_utc()) append_offset(offset_s, out);
  }

 private:
  static std::int64_t full_hour_s(std::int64_t time_s, const OffsetSpan& offset) {
    const std::int64_t local_s = time_s + offset.offset_s;
    return floor_div(local_s, kSecondsPerHour) * kSecondsPerHour - offset.offset_s;
  }

  /// `+02:00`; with seconds where a zone has them (Liberia until 1972: `-00:44:30`).
  static void append_offset(std::int64_t offset_s, std::string& out) {
    std::string text;
    append_time_of_day(offset_s < 0 ? -offset_s : offset_s, text);
    out.push_back(offset_s < 0 ? '-' : '+');
    out.append(text, 0, offset_s % kSecondsPerMinute == 0 ? 5 : 8);
  }

  TimeZone zone_;
};

}  // namespace

std::unique_ptr<const CyclePolicy> make_hour_cycles(TimeZone zone) {
  return std::make_unique<HourCycles>(std::move(zone));
}

}  // namespace billing
