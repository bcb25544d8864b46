#pragma once

#include <functional>

#include "billing/bill.h"
#include "job/memory_plan.h"
#include "job/pass_timer.h"

namespace billing {

/// What a job works with besides its description.
struct JobContext {
  JobContext(const JobHooks& hooks, const MemoryPlan& memory, JobReport& report);
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;

  const JobHooks& hooks;
  const MemoryPlan& memory;
  JobReport& report;
  PassTimer timer;
  const char* interruption = "interrupted; no result was written";  ///< what a signal means now
  /// Throws Error(interrupted) where the host wants the job to end. Any thread.
  const std::function<void()> checkpoint;
};

/// Runs a job on the threads that find room in its memory and on those alone. Tells the host where
/// they are fewer than it wanted.
JobReport run_job(const BillJob& job, std::size_t chunk_bytes, const JobHooks& hooks,
                  const std::function<void(JobContext&)>& run);

}  // namespace billing
