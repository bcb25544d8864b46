#include <algorithm>
#include <array>

#include "billing/reject.h"

namespace billing {
namespace {

/// By value.
constexpr std::array<std::string_view, kRejectReasonCount> kNames = {
    "too_long", "field_count", "bad_record",   "bad_time",     "bad_user",
    "bad_task", "bad_status",  "bad_duration", "bad_quantity", "unrated_task"};

}  // namespace

std::string_view reject_reason_name(RejectReason reason) {
  return kNames.at(static_cast<std::size_t>(reason));
}

std::optional<RejectReason> reject_reason_of(std::string_view name) {
  const auto* const found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<RejectReason>(found - kNames.begin());
}

}  // namespace billing
