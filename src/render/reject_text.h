#pragma once

// What people are told of a run's rejects as a whole.

#include <string>

#include "billing/control_totals.h"

namespace billing {

/// `field_count 1, bad_duration 2`; empty where nothing was rejected.
std::string rejects_by_reason(const InputTotals& totals);

/// `3 of 30 records rejected (field_count 1, bad_duration 2)`; blank lines are no records here.
std::string describe_rejects(const InputTotals& totals);

}  // namespace billing
