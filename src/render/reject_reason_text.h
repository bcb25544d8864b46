#pragma once

// What people are told of one reason for a reject.

#include <string>

#include "billing/rejected_record.h"

namespace billing {

/// What a record must be like not to be rejected for the reason of `example`, and what this one is
/// like: `field_count: wants 5 fields, time user task status NNNms; this line has 7`.
std::string describe_reject_reason(const RejectedRecord& example);

/// The same without an example.
std::string describe_reject_reason(RejectReason reason);

}  // namespace billing
