#pragma once

// `calls:N`: cycles are runs of N calls of a user. Time does not tell them; they are numbered from
// 1 when usage is closed, and this policy only says N and writes their numbers.

#include <memory>
#include <string_view>

#include "billing/cycle_policy.h"

namespace billing {

/// `calls` is what follows `calls:`, 1 to 9223372036854775807. Throws Error(configuration).
std::unique_ptr<const CyclePolicy> make_calls_cycles(std::string_view calls);

}  // namespace billing
