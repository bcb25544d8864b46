#pragma once

// The passes that turn inputs into sums: with the parallel engine (mediate, meter, merge, close) or
// with the sequential baseline.

#include <memory>
#include <vector>

#include "billing/aggregate.h"
#include "billing/sums.h"
#include "io/input.h"
#include "job/pass_timer.h"
#include "job/reject_ledger.h"

namespace billing {

struct Metered {
  std::vector<InputTotals> totals;  ///< by input
  std::unique_ptr<Sums> sums;
};

/// `checkpoint` throws where the job is to end early; it and the hooks are called by any thread.
struct MeteringContext {
  const AggregateJob& job;
  const AggregateHooks& hooks;
  const std::function<void()>& checkpoint;
  RejectLedger& rejects;
  PassTimer& timer;
};

Metered meter_parallel(std::vector<Input>& inputs, const MeteringContext& context);
Metered meter_naive(std::vector<Input>& inputs, const MeteringContext& context);

}  // namespace billing
