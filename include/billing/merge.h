#pragma once

// Partials -> a bill, or one partial: the same bytes as one run over all that they were made of.

#include <string>
#include <vector>

#include "billing/bill.h"

namespace billing {

struct MergeJob : BillJob {
  std::vector<std::string> partials;  ///< paths of regular files
};

/// Runs the job. On return the result is committed. Throws Error with nothing written: where a
/// partial is damaged, or two were made with different options.
JobReport merge(const MergeJob& job, const JobHooks& hooks);

}  // namespace billing
