#pragma once

// The passes from sums to a bill that stands: shared by all jobs that end in one.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "billing/bill.h"
#include "billing/cycle_policy.h"
#include "billing/group_by.h"
#include "billing/sums.h"
#include "job/job_context.h"
#include "job/job_result.h"

namespace billing {

/// What the lines of a bill show.
struct BillKey {
  GroupBy group_by;
  std::shared_ptr<const CyclePolicy> cycles;
  QuantityRules quantity;
};

/// Warns where the filters leave nothing, which may be a mistake. Needs the totals and options of
/// the report.
void warn_of_filters(const JobContext& context);

/// Commits a partial that has been written.
void commit_partial(JobResult& output, JobContext& context);

/// Warns of tasks without a rate; rates, renders and commits the bill, which must add up to
/// `report.totals`. Calls `verify` before anything is committed, then `commit_others`, which
/// commits what must be in place before the result.
void issue_bill(const BillJob& job, const BillKey& key, const Sums& sums, JobResult& output,
                JobContext& context, const std::function<void()>& verify,
                const std::function<void()>& commit_others);

}  // namespace billing
