#include "mapping/local_time.h"

#include <algorithm>
#include <limits>

#include "base/civil_time.h"
#include "base/timestamp.h"

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

constexpr std::int64_t kEndOfLocalTime_s = days_from_civil({kLastYear + 1, 1, 1}) * kSecondsPerDay;
constexpr std::int64_t kWidestOffset_s = 2 * kSecondsPerDay;  // more than any zone has

}  // namespace

LocalTime::LocalTime(const TimeZone& zone) {
  std::int64_t local_s = Limits::min();  // all before it has its span
  for (std::int64_t time_s = -kWidestOffset_s; time_s < kEndOfLocalTime_s + kWidestOffset_s;) {
    const OffsetSpan span = zone.span_at(time_s);
    const bool is_last = span.end_s >= kEndOfLocalTime_s + kWidestOffset_s;
    const std::int64_t begin_s = std::max(span.begin_s, -kWidestOffset_s) + span.offset_s;
    const std::int64_t end_s = is_last ? Limits::max() : span.end_s + span.offset_s;
    if (end_s > local_s) spans_.push_back({std::max(begin_s, local_s), end_s, span.offset_s});
    local_s = std::max(local_s, end_s);
    time_s = span.end_s;
  }
  std::uint16_t at = 0;
  for (std::int64_t bucket_s = 0; bucket_s < kEndOfLocalTime_s;
       bucket_s += std::int64_t{1} << kBucketBits) {
    while (spans_[at].end_s <= bucket_s) ++at;
    first_span_.push_back(at);
  }
}

}  // namespace billing
