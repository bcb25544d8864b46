#pragma once

// What a run tells about itself when it is done: for people, and as one line of JSON for programs.

#include <string>

#include "billing/bill.h"
#include "billing/inspect.h"
#include "billing/job_report.h"

namespace billing {

/// Several lines: control totals, amount, rates and their sources, speed.
std::string summary_text(const BillJob& job, const JobReport& report);

/// One line with its LF. Amounts are strings, times RFC 3339.
std::string summary_json(const BillJob& job, const JobReport& report);

/// What a partial holds, likewise.
std::string partial_content_text(const PartialContent& content);
std::string partial_content_json(const PartialContent& content);

}  // namespace billing
