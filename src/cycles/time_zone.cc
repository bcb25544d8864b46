#include "cycles/time_zone.h"

#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/civil_time.h"
#include "base/closest_word.h"
#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

constexpr std::int64_t kFirstSecond = floor_seconds(Limits::min());
constexpr std::int64_t kLastSecond = floor_seconds(Limits::max());

/// IANA names only. Abseil would also take paths, `localtime`, `libc:...` and `Fixed/UTC+02:00:00`,
/// with which a bill would depend on the machine or on names that no other program knows.
bool is_zone_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  return !name.empty() && name.front() != '/' && name != "localtime" &&
         std::all_of(name.begin(), name.end(), allowed);
}

/// Where Abseil looks for zones.
std::filesystem::path database_folder() {
  const char* const folder = std::getenv("TZDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo";
}

/// Zones of the database, each by its path in it; its folders begin with a capital letter.
std::string did_you_mean_zone(const std::string& name, const std::filesystem::path& folder) {
  std::vector<std::string> zones;
  std::error_code failed;
  for (std::filesystem::recursive_directory_iterator file(folder, failed), end;
       !failed && file != end; file.increment(failed)) {
    const std::string zone = std::filesystem::relative(file->path(), folder, failed).string();
    const bool is_zone = !zone.empty() && zone[0] >= 'A' && zone[0] <= 'Z' && is_zone_name(zone);
    if (!is_zone && file->is_directory(failed)) file.disable_recursion_pending();
    if (is_zone && file->is_regular_file(failed)) zones.push_back(zone);
  }
  std::sort(zones.begin(), zones.end());
  return did_you_mean(name, std::vector<std::string_view>(zones.begin(), zones.end()));
}

[[noreturn]] void fail_for(const std::string& name) {
  const std::filesystem::path folder = database_folder();
  std::error_code ignored;
  if (is_zone_name(name) && !std::filesystem::is_directory(folder, ignored)) {
    throw Error(ErrorKind::configuration,
                "\1timezone: " + quoted_text(name) +
                    " needs the system's time zone data, and there is no " + folder.string() +
                    "; install tzdata, or use UTC");
  }
  throw Error(ErrorKind::configuration,
              "\1timezone: unknown time zone " + quoted_text(name) +
                  "; use an IANA name such as UTC, Europe/Berlin or America/New_York" +
                  did_you_mean_zone(name, folder));
}

absl::TimeZone load_zone(const std::string& name) {
  absl::TimeZone zone;
  if (!is_zone_name(name) || !absl::LoadTimeZone(name, &zone)) fail_for(name);
  return zone;
}

/// Walks over all transitions that int64 nanoseconds can reach. Those that change only the zone's
/// abbreviation or its daylight saving flag do not end a span.
std::vector<OffsetSpan> offset_spans(const absl::TimeZone& zone) {
  const absl::CivilSecond epoch(1970);
  absl::Time time = absl::FromUnixSeconds(kFirstSecond);
  std::vector<OffsetSpan> spans = {{Limits::min(), Limits::max(), zone.At(time).offset}};
  for (absl::TimeZone::CivilTransition jump; zone.NextTransition(time, &jump);) {
    const std::int64_t offset_before_s = spans.back().offset_s;
    const std::int64_t jump_s = (jump.from - epoch) - offset_before_s;
    if (jump_s > kLastSecond) break;
    time = absl::FromUnixSeconds(jump_s);
    if (jump.from == jump.to) continue;
    spans.back().end_s = jump_s;
    spans.push_back({jump_s, Limits::max(), offset_before_s + (jump.to - jump.from)});
  }
  return spans;
}

}  // namespace

TimeZone::TimeZone(const std::string& name)
    : is_utc_(name == "UTC"), spans_(offset_spans(load_zone(name))) {}

OffsetSpan TimeZone::span_at(std::int64_t time_s) const {
  const auto begins_later = [](std::int64_t time, const OffsetSpan& span) {
    return time < span.begin_s;
  };
  // The first span begins at the minimum, which no instant precedes: there is one before `next`.
  const auto next = std::upper_bound(spans_.begin(), spans_.end(), time_s, begins_later);
  return *(next - 1);
}

std::int64_t TimeZone::first_instant_s(std::int64_t local_s) const {
  for (const OffsetSpan& span : spans_) {
    const std::int64_t instant_s = local_s - span.offset_s;
    if (instant_s < span.end_s) return std::max(instant_s, span.begin_s);
  }
  return Limits::max();
}

}  // namespace billing
