#pragma once

// Cycles of local hours, told apart by their offset from UTC: where clocks go back the hour that
// comes twice is two cycles.

#include <memory>

#include "billing/cycle_policy.h"
#include "cycles/time_zone.h"

namespace billing {

std::unique_ptr<const CyclePolicy> make_hour_cycles(TimeZone zone);

}  // namespace billing
