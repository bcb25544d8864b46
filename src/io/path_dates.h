#pragma once

// Dates that folders in paths tell: `2025/05/02/`, `2025-05-02/`, `date=2025-05-02/`.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace billing {

/// The dates that the folders of a path tell, as days since 1970-01-01, in the order in which they
/// stand there. The name of the file itself tells none.
std::vector<std::int64_t> dates_in(std::string_view path);

/// Whether the day, made longer by a day at both ends, and [since_ns, until_ns) have an instant in
/// common. Days are those of UTC: local dates differ from them by less than a day.
bool is_within_a_day(std::int64_t day, std::optional<std::int64_t> since_ns,
                     std::optional<std::int64_t> until_ns);

}  // namespace billing
