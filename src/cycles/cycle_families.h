#pragma once

// The families of cycles, each in a file of its own. The table of policies is in cycle_policy.cc.

#include <memory>
#include <string_view>

#include "billing/cycle_policy.h"
#include "cycles/time_zone.h"

namespace billing {

// Cycles of local dates: day, ISO week, month, quarter, year. Where clocks go back over midnight a
// date returns after the next one has begun: such a cycle has more than one span.

std::unique_ptr<const CyclePolicy> make_day_cycles(TimeZone zone);

std::unique_ptr<const CyclePolicy> make_week_cycles(TimeZone zone);

/// `anchor_day` (1..31) is the day of a month on which cycles begin; in months that have no such
/// day it is their last one.
std::unique_ptr<const CyclePolicy> make_month_cycles(TimeZone zone, int anchor_day);
std::unique_ptr<const CyclePolicy> make_quarter_cycles(TimeZone zone, int anchor_day);
std::unique_ptr<const CyclePolicy> make_year_cycles(TimeZone zone, int anchor_day);

// Cycles of local hours, told apart by their offset from UTC: where clocks go back the hour that
// comes twice is two cycles.

std::unique_ptr<const CyclePolicy> make_hour_cycles(TimeZone zone);

// Cycles that no calendar moves: a fixed number of seconds, and one cycle for everything.

/// `length` is what follows `every:`, e.g. `15m`: 1 to 1000000000, then s, m, h or d. Cycles are
/// counted from 1970-01-01T00:00:00Z. Throws Error(configuration).
std::unique_ptr<const CyclePolicy> make_every_cycles(std::string_view length);

/// One cycle, named `all`.
std::unique_ptr<const CyclePolicy> make_all_cycles();

// `calls:N`: cycles are runs of N calls of a user. Time does not tell them; they are numbered from
// 1 when usage is closed, and this policy only says N and writes their numbers.

/// `calls` is what follows `calls:`, 1 to 9223372036854775807. Throws Error(configuration).
std::unique_ptr<const CyclePolicy> make_calls_cycles(std::string_view calls);

}  // namespace billing
