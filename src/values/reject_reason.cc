#include "billing/reject.h"

namespace billing {

std::string_view reject_reason_name(RejectReason reason) {
  switch (reason) {
    case RejectReason::too_long:
      return "too_long";
    case RejectReason::field_count:
      return "field_count";
    case RejectReason::bad_time:
      return "bad_time";
    case RejectReason::bad_user:
      return "bad_user";
    case RejectReason::bad_task:
      return "bad_task";
    case RejectReason::bad_status:
      return "bad_status";
    case RejectReason::bad_duration:
      return "bad_duration";
    case RejectReason::unrated_task:
      return "unrated_task";
  }
  __builtin_unreachable();
}

}  // namespace billing
