#include <algorithm>
#include <array>

#include "billing/reject.h"

namespace billing {
namespace {

/// By value.
constexpr std::array<std::string_view, kRejectReasonCount + 1> kNames = {
    "too_long",   "field_count",  "bad_record",   "bad_time",     "bad_user", "bad_task",
    "bad_status", "bad_duration", "bad_quantity", "unrated_task", "duplicate"};

}  // namespace

std::string_view reject_reason_name(RejectReason reason) {
  return kNames.at(static_cast<std::size_t>(reason));
}

std::optional<RejectReason> reject_reason_of(std::string_view name) {
  const auto* const end = kNames.begin() + kRejectReasonCount;
  const auto* const found = std::find(kNames.begin(), end, name);
  if (found == end) return std::nullopt;
  return static_cast<RejectReason>(found - kNames.begin());
}

}  // namespace billing
