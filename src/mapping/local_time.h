#pragma once

// Local times as logs write them without an offset: which offset was meant.

#include <cstdint>
#include <vector>

#include "cycles/time_zone.h"

namespace billing {

/// Immutable after construction; may be used by any number of threads.
class LocalTime {
 public:
  explicit LocalTime(const TimeZone& zone);

  /// The offset from UTC at which clocks showed `local_s`, a civil time of the years kFirstYear to
  /// kLastYear counted as if it were UTC. Where they showed it twice: the offset of the first
  /// time. False where they skipped it.
  bool find_offset(std::int64_t local_s, std::int64_t& offset_s) const {
    std::size_t at = first_span_[static_cast<std::size_t>(local_s >> kBucketBits)];
    while (spans_[at].end_s <= local_s) ++at;
    offset_s = spans_[at].offset_s;
    return local_s >= spans_[at].begin_s;
  }

 private:
  static constexpr int kBucketBits = 21;  // 24 days, in which an offset changes once or not at all

  std::vector<OffsetSpan> spans_;          // of local times: in order, with gaps, without overlaps
  std::vector<std::uint16_t> first_span_;  // for each bucket the first that ends behind its begin
};

}  // namespace billing
