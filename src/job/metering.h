#pragma once

// The passes that turn inputs into usage (mediate, meter, merge, close), or with the sequential
// baseline into sums at once.

#include <memory>
#include <vector>

#include "billing/aggregate.h"
#include "billing/meter.h"
#include "billing/sums.h"
#include "io/input.h"
#include "job/metered_usage.h"
#include "job/pass_timer.h"
#include "job/reject_ledger.h"

namespace billing {

/// `checkpoint` throws where the job is to end early; it and the hooks are called by any thread.
struct MeteringContext {
  const AggregateJob& job;
  const JobHooks& hooks;
  const std::function<void()>& checkpoint;
  RejectLedger& rejects;
  PassTimer& timer;
  JobReport& report;
  /// Lines that may yet grow: metered apart from the inputs.
  std::vector<std::string_view> last_lines = {};
};

struct Metered {
  std::vector<InputTotals> totals;  ///< by input
  MeteredUsage usage;

  std::unique_ptr<OrderedUsage> last_lines;    ///< their usage; null where there are none
  std::vector<InputTotals> last_lines_totals;  ///< by line
};
Metered meter_parallel(std::vector<Input>& inputs, const MeteringContext& context);

struct NaivelySummed {
  std::vector<InputTotals> totals;  ///< by input
  std::unique_ptr<Sums> sums;
};
NaivelySummed sum_naively(std::vector<Input>& inputs, const MeteringContext& context);

}  // namespace billing
