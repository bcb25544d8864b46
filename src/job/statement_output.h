#pragma once

// The passes from sums to bytes: rate each block, render it, write it, in parallel and in order.

#include <functional>
#include <span>

#include "billing/bill.h"
#include "billing/sums.h"
#include "job/bill.h"
#include "job/job_context.h"
#include "job/job_result.h"

namespace billing {

/// Is shown each block of sums, on any thread.
using SumsObserver = std::function<void(std::span<const Sum>)>;

/// Rates all sums without writing anything: for outputs that cannot be taken back. Throws
/// Error(run) as Rater does. Calls of the sums advance the context's pass.
StatementTotals rate_all(const Sums& sums, const BillJob& job, const BillKey& key,
                         const JobContext& context, const SumsObserver& observe);

/// Rates all sums and writes the statement, or hands it to the host; the caller commits it.
StatementTotals write_statement(const Sums& sums, const BillJob& job, const BillKey& key,
                                JobResult& output, const JobContext& context,
                                const SumsObserver& observe);

}  // namespace billing
