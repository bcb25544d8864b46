// The instants that options name: a record's time, or one without offset, or a date.

#include <optional>
#include <string>

#include "base/civil_time.h"
#include "base/escape_text.h"
#include "base/timestamp.h"
#include "billing/cycle_policy.h"
#include "billing/error.h"
#include "cycles/time_zone.h"

namespace billing {
namespace {

/// A date or a time without offset, counted as if it were UTC. Nothing for any other text.
std::optional<std::int64_t> parse_local_ns(const std::string& text) {
  const auto date_ns = parse_timestamp_ns(text + "T00:00:00Z");
  return date_ns ? date_ns : parse_timestamp_ns(text + "Z");
}

std::int64_t instant_of_local_ns(std::int64_t local_ns, const TimeZone& zone) {
  const std::int64_t local_s = floor_seconds(local_ns);
  const std::int64_t instant_s = zone.first_instant_s(local_s);
  const bool is_skipped = instant_s + zone.span_at(instant_s).offset_s != local_s;
  const std::int64_t fraction_ns = is_skipped ? 0 : local_ns - local_s * kNanosecondsPerSecond;
  return instant_s * kNanosecondsPerSecond + fraction_ns;
}

}  // namespace

std::int64_t parse_instant_ns(const std::string& text, const std::string& timezone) {
  if (const auto instant_ns = parse_timestamp_ns(text)) return *instant_ns;
  if (const auto local_ns = parse_local_ns(text)) {
    return instant_of_local_ns(*local_ns, TimeZone(timezone));
  }
  throw Error(ErrorKind::configuration,
              quoted_text(text) +
                  " is no date or time; use 2025-05-02 or 2025-05-02T23:16:50, with a fraction and "
                  "Z or an offset such as +02:00 if you like, of the years 1970 to 2261");
}

}  // namespace billing
