#pragma once

// A time zone as the list of its offsets from UTC: all that billing cycles need to know of one.

#include <cstdint>
#include <string>
#include <vector>

namespace billing {

/// From `begin_s` up to, not including, `end_s` local time is UTC + `offset_s`. All in seconds, the
/// instants since 1970 UTC; the first span begins at int64's minimum, the last ends at its maximum.
struct OffsetSpan {
  std::int64_t begin_s;
  std::int64_t end_s;
  std::int64_t offset_s;
};

/// Immutable after construction; all members may be called from any number of threads.
class TimeZone {
 public:
  /// Reads the zone from the system's time zone database (`UTC` needs none); its rules hold beyond
  /// the years that the database lists. Throws Error(configuration), naming the setting `timezone`.
  explicit TimeZone(const std::string& name);

  /// The longest span of one offset that holds the instant: neighbours differ in their offset.
  OffsetSpan span_at(std::int64_t time_s) const;

  /// The instant at which local clocks first show `local_s` (a civil time, counted as if it were
  /// UTC). Where they skip it: the instant at which they jump.
  std::int64_t first_instant_s(std::int64_t local_s) const;

  /// Whether the zone is the one called `UTC`; others may have its offset.
  bool is_utc() const { return is_utc_; }

 private:
  bool is_utc_;
  std::vector<OffsetSpan> spans_;  // in order, without gaps
};

}  // namespace billing
