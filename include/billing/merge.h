#pragma once

// Partials -> a bill, or one partial: the same bytes as one run over all that they were made of.

#include <optional>
#include <string>
#include <vector>

#include "billing/bill.h"
#include "billing/group_by.h"

namespace billing {

struct MergeJob : BillJob {
  std::vector<std::string> partials;  ///< paths of regular files
  /// What the bill shows: users and cycles only where the partials keep them; nothing: what they
  /// were made to show. Not for a job that makes a partial, which keeps all.
  std::optional<GroupBy> group_by;
};

/// Runs the job. On return the result is committed. Throws Error with nothing written: where a
/// partial is damaged, or two were made with different options.
JobReport merge(const MergeJob& job, const JobHooks& hooks);

}  // namespace billing
