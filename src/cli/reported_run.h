#pragma once

// What the program tells of a job: settings that are passed over, progress, warnings, the summary.

#include <functional>

#include "billing/bill.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "options/bill_flags.h"
#include "options/mistakes.h"
#include "options/settings.h"

namespace billing::cli {

/// Settings of `.env` and the environment, of which the log level is set at once.
Settings read_bill_settings(const BillFlags& flags, Mistakes& mistakes);

/// Runs a job with progress and warnings, and tells of it as the flags want.
void run_and_report(const BillFlags& flags, const BillJob& job,
                    const std::function<JobReport(const JobHooks&)>& run);

}  // namespace billing::cli
