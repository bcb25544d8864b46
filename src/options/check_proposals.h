#pragma once

// What to do after a check: commands of the program, as they are typed.

#include <vector>

#include "billing/check.h"
#include "options/check_job.h"
#include "render/check_report.h"

namespace billing {

/// The bill of the inputs, or what to try where that cannot be.
std::vector<Proposal> propose(const CheckFlags& flags, const CheckReport& report);

}  // namespace billing
