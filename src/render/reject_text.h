#pragma once

// What people are told of rejects: of a run's as a whole, and of one reason.

#include <string>

#include "billing/control_totals.h"
#include "billing/record_format.h"
#include "billing/rejected_record.h"

namespace billing {

/// `field_count 1, bad_duration 2`; empty where nothing was rejected.
std::string rejects_by_reason(const InputTotals& totals);

/// `3 of 30 records rejected (field_count 1, bad_duration 2)`; blank lines are no records here.
std::string describe_rejects(const InputTotals& totals);

/// What a record of the format must be like not to be rejected for the reason of `example`, and
/// what this one is like: `field_count: wants 5 fields, time user task status NNNms; this line has
/// 7`.
std::string describe_reject_reason(const RejectedRecord& example, const RecordFormat& format);

/// The same without an example.
std::string describe_reject_reason(RejectReason reason, const RecordFormat& format);

}  // namespace billing
