#pragma once

// Cycles of local dates: day, ISO week, month, quarter, year. Where clocks go back over midnight a
// date returns after the next one has begun: such a cycle has more than one span.

#include <memory>

#include "billing/cycle_policy.h"
#include "cycles/time_zone.h"

namespace billing {

std::unique_ptr<const CyclePolicy> make_day_cycles(TimeZone zone);

std::unique_ptr<const CyclePolicy> make_week_cycles(TimeZone zone);

/// `anchor_day` (1..31) is the day of a month on which cycles begin; in months that have no such
/// day it is their last one.
std::unique_ptr<const CyclePolicy> make_month_cycles(TimeZone zone, int anchor_day);
std::unique_ptr<const CyclePolicy> make_quarter_cycles(TimeZone zone, int anchor_day);
std::unique_ptr<const CyclePolicy> make_year_cycles(TimeZone zone, int anchor_day);

}  // namespace billing
