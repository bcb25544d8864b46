#include "naive/local_zone.h"

#include <absl/time/civil_time.h>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing::naive {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;

absl::CivilSecond civil(std::int64_t local_s) {
  return absl::CivilSecond(1970, 1, 1, 0, 0, 0) + local_s;
}

}  // namespace

LocalZone::LocalZone(const std::string& name, const std::string& setting) {
  if (!absl::LoadTimeZone(name, &zone_)) {
    throw Error(ErrorKind::configuration,
                '\1' + setting + ": no time zone is called " + quoted_text(name));
  }
}

std::optional<std::int64_t> LocalZone::instant_s(std::int64_t local_s) const {
  const absl::TimeZone::TimeInfo info = zone_.At(civil(local_s));
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED) return std::nullopt;
  return absl::ToUnixSeconds(info.pre);  // of a repeated time, the earlier
}

std::optional<std::int64_t> LocalZone::first_instant_s(std::int64_t local_days) const {
  const std::int64_t midnight_s = local_days * kSecondsPerDay;
  const absl::TimeZone::TimeInfo info = zone_.At(civil(midnight_s));
  if (info.kind != absl::TimeZone::TimeInfo::SKIPPED) return absl::ToUnixSeconds(info.pre);
  const std::int64_t jump_s = absl::ToUnixSeconds(info.trans);
  if (local_s(jump_s) >= midnight_s + kSecondsPerDay) return std::nullopt;
  return jump_s;
}

std::int64_t LocalZone::local_s(std::int64_t instant_s) const {
  const absl::CivilSecond shown = zone_.At(absl::FromUnixSeconds(instant_s)).cs;
  return shown - absl::CivilSecond(1970, 1, 1, 0, 0, 0);
}

}  // namespace billing::naive
