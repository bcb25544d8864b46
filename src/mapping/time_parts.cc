#include "mapping/time_parts.h"

#include <algorithm>
#include <iterator>

#include "base/civil_time.h"

namespace billing {

namespace {

constexpr std::string_view kNames[] = {"date", "hour"};  // by TimePart

}  // namespace

std::span<const std::string_view> time_part_names() { return kNames; }

std::optional<TimePart> time_part_of(std::string_view name) {
  const auto* const found = std::find(std::begin(kNames), std::end(kNames), name);
  if (found == std::end(kNames)) return std::nullopt;
  return static_cast<TimePart>(found - std::begin(kNames));
}

void TimeParts::fill(std::optional<std::int64_t> time_ns, std::uint32_t at, Field* fields,
                     BatchText& texts) const {
  for (const auto& [place, part] : places_) {
    std::string text;  // short enough to need no memory of its own
    if (time_ns) {
      const std::int64_t time_s = floor_seconds(*time_ns);
      const std::int64_t local_s = time_s + zone_.span_at(time_s).offset_s;
      const std::int64_t days = floor_div(local_s, kSecondsPerDay);
      if (part == TimePart::date) {
        append_date(civil_from_days(days), text);
      } else {
        append_padded((local_s - days * kSecondsPerDay) / kSecondsPerHour, 2, text);
      }
    }
    fields[place].set(texts.copy(text), at);
  }
}

}  // namespace billing
