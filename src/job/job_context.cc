#include "job/job_context.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "billing/error.h"

namespace billing {

JobContext::JobContext(const JobHooks& hooks_, const MemoryPlan& memory_, JobReport& report_)
    : hooks(hooks_), memory(memory_), report(report_), timer(report_.passes), checkpoint([this] {
        if (hooks.cancelled()) throw Error(ErrorKind::interrupted, interruption);
      }) {}

JobReport run_job(const BillJob& job, std::size_t chunk_bytes, const JobHooks& hooks,
                  const std::function<void(JobContext&)>& run) {
  const MemoryPlan memory = plan_memory(job, chunk_bytes);
  if (memory.threads < job.threads) {
    hooks.warn(
        fmt::format("the memory limit has room for {} of {} threads", memory.threads, job.threads));
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, memory.threads);
  tbb::task_arena arena(static_cast<int>(memory.threads));
  JobReport report;
  report.threads = memory.threads;
  JobContext context(hooks, memory, report);
  arena.execute([&] { run(context); });
  return report;
}

}  // namespace billing
