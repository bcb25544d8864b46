#pragma once

// The options of `billing merge`, and the job that they describe.

#include <string>
#include <vector>

#include "billing/merge.h"
#include "options/bill_flags.h"
#include "options/command_options.h"
#include "options/mistakes.h"
#include "options/settings.h"

namespace billing {

/// As typed.
struct MergeFlags : BillFlags {
  std::vector<std::string> partials;
  std::vector<std::string> group_by;
};

void add_merge_options(CommandOptions& options, MergeFlags& flags);

/// The job that the flags and the settings describe. What is wrong is added to `mistakes`, and the
/// job is then of no use.
MergeJob make_merge_job(const MergeFlags& flags, const Settings& settings, Mistakes& mistakes);

}  // namespace billing
