#pragma once

// Times as records write them: text -> nanoseconds since 1970-01-01T00:00:00Z.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "naive/local_zone.h"

namespace billing::naive {

/// A date and what clocks show on it, with what is known of the clocks.
struct WrittenTime {
  int year = 0;
  int month = 0;
  int day = 0;
  /// Nothing: the date stands alone and means its first instant.
  std::optional<std::int64_t> second_of_day = {};
  std::int64_t fraction_ns = 0;
  std::optional<std::int64_t> offset_s = {};  ///< ahead of UTC; nothing: local time
};

/// Nothing where there is no such date, where its year is outside 1970-2261, or where clocks skip
/// the time.
std::optional<std::int64_t> instant_ns(const WrittenTime& time, const LocalZone& zone);

/// `±HH:MM`, `±HHMM` or `±HH` up to 23:59, cut off `text`.
std::optional<std::int64_t> take_offset_s(std::string_view& text);

/// 1..12 for `jan` or `january` in any case, which is cut off `text`; 0 where no month stands.
int take_month(std::string_view& text);
bool take_weekday(std::string_view& text);

/// How a field's text means an instant. Immutable.
class TimeForm {
 public:
  virtual ~TimeForm() = default;
  /// Nothing for any other text.
  virtual std::optional<std::int64_t> parse_ns(std::string_view text,
                                               const LocalZone& zone) const = 0;
};

/// Whether it is `auto`, `rfc3339`, `clf`, `unix`, `unix_ms`, `unix_us` or `unix_ns`.
bool is_time_kind(std::string_view kind);

/// Of a kind, or a pattern with `%` as of strptime. Throws Error(configuration).
std::unique_ptr<const TimeForm> make_time_form(std::string_view kind);

/// The same of a pattern.
std::unique_ptr<const TimeForm> make_time_pattern(std::string_view pattern);

}  // namespace billing::naive
