#include "render/reject_text.h"

#include <fmt/format.h>

#include "base/count_text.h"
#include "billing/reject.h"

namespace billing {

std::string rejects_by_reason(const InputTotals& totals) {
  std::string text;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    if (totals.rejected[i] == 0) continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ",
                    reject_reason_name(static_cast<RejectReason>(i)), grouped(totals.rejected[i]));
  }
  return text;
}

std::string describe_rejects(const InputTotals& totals) {
  return fmt::format("{} of {} rejected ({})", grouped(totals.rejected_total()),
                     counted(totals.records - totals.blank, "record"), rejects_by_reason(totals));
}

}  // namespace billing
