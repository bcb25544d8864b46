#include "io/path_dates.h"

#include <algorithm>
#include <cstddef>

#include "base/civil_time.h"

namespace billing {
namespace {

/// A number of exactly so many digits.
std::optional<int> number_of(std::string_view text, std::size_t digits) {
  if (text.size() != digits) return std::nullopt;
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

std::optional<std::int64_t> day_of(std::string_view year, std::string_view month,
                                   std::string_view day) {
  const auto y = number_of(year, 4);
  const auto m = number_of(month, 2);
  const auto d = number_of(day, 2);
  if (!y || !m || !d || *m < 1 || *m > 12 || *d < 1 || *d > days_in_month(*y, *m))
    return std::nullopt;
  return days_from_civil({*y, *m, *d});
}

std::optional<std::int64_t> day_of_name(std::string_view name) {
  constexpr std::string_view kKey = "date=";
  constexpr std::size_t kDateBytes = 10;
  if (name.starts_with(kKey)) name.remove_prefix(kKey.size());
  if (name.size() != kDateBytes || name[4] != '-' || name[7] != '-') return std::nullopt;
  return day_of(name.substr(0, 4), name.substr(5, 2), name.substr(8));
}

std::vector<std::string_view> folders_of(std::string_view path) {
  std::vector<std::string_view> folders;
  for (std::size_t end = path.find('/'); end != std::string_view::npos; end = path.find('/')) {
    // `//` is one slash, and `./` leads nowhere else.
    if (end > 0 && path.substr(0, end) != ".") folders.push_back(path.substr(0, end));
    path.remove_prefix(end + 1);
  }
  return folders;
}

}  // namespace

std::vector<std::int64_t> dates_in(std::string_view path) {
  const std::vector<std::string_view> folders = folders_of(path);
  std::vector<std::int64_t> dates;
  for (std::size_t i = 0; i < folders.size(); ++i) {
    if (const auto day = day_of_name(folders[i])) dates.push_back(*day);
    if (i < 2) continue;
    if (const auto day = day_of(folders[i - 2], folders[i - 1], folders[i])) dates.push_back(*day);
  }
  return dates;
}

bool is_within_a_day(std::int64_t day, std::optional<std::int64_t> since_ns,
                     std::optional<std::int64_t> until_ns) {
  const std::int64_t begin_ns = saturated_ns((day - 1) * kSecondsPerDay);
  const std::int64_t end_ns = saturated_ns((day + 2) * kSecondsPerDay);
  return (!since_ns || end_ns > *since_ns) && (!until_ns || begin_ns < *until_ns);
}

}  // namespace billing
