#pragma once

// RFC 3339 timestamps as logs carry them: text -> nanoseconds since 1970-01-01T00:00:00Z.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/civil_time.h"

namespace billing {

inline constexpr int kFirstYear = 1970;
inline constexpr int kLastYear = 2261;  ///< the last whole year that 64-bit nanoseconds can hold

/// `YYYY-MM-DDTHH:MM:SS[.1-9 digits](Z|±HH:MM)`, upper case, a date and a time that exist, the year
/// as written within kFirstYear..kLastYear. Nothing for any other text.
std::optional<std::int64_t> parse_timestamp_ns(std::string_view text);

}  // namespace billing
