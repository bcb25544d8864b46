#include "job/job_context.h"

#include <fmt/format.h>
#include <oneapi/tbb/task_arena.h>

#include <exception>
#include <new>
#include <string>

#include "base/count_text.h"
#include "billing/error.h"

namespace billing {

JobContext::JobContext(const JobHooks& hooks_, const MemoryPlan& memory_, JobReport& report_)
    : hooks(hooks_), memory(memory_), report(report_), timer(report_.passes), checkpoint([this] {
        if (hooks.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
        hooks.progress({pass_.load(), done_, total_});
      }) {}

void JobContext::begin(const char* pass, std::uint64_t done, std::uint64_t total) {
  has_begun_ = true;
  pass_ = pass;
  done_ = done;
  total_ = total;
}

namespace {

/// What a hook has thrown, on its way through the job: nothing in between takes it for a failure of
/// its own.
struct HookFailure {
  std::exception_ptr cause;
};

template <class Result, class... Arguments>
std::function<Result(Arguments...)> carried(const std::function<Result(Arguments...)>& hook) {
  if (!hook) return nullptr;
  return [&hook](Arguments... arguments) -> Result {
    try {
      return hook(arguments...);
    } catch (...) {
      throw HookFailure{std::current_exception()};
    }
  };
}

/// `hooks` must outlive the result.
JobHooks carried(const JobHooks& hooks) {
  return {carried(hooks.cancelled), carried(hooks.progress), hooks.record_columns,
          carried(hooks.reject), carried(hooks.warn)};
}

/// The one place that says what a failure has left of the result.
void run_to_outcome(JobContext& context, const std::function<void(JobContext&)>& run) {
  try {
    run(context);
  } catch (const HookFailure& failure) {
    std::rethrow_exception(failure.cause);
  } catch (const std::bad_alloc&) {
    throw Error(ErrorKind::run, std::string("out of memory; try a lower \1memory-limit or fewer "
                                            "\1threads\n") +
                                    context.outcome);
  } catch (const Error& error) {
    const std::string& message = error.message();
    if (error.kind() == ErrorKind::interrupted) {
      throw Error(error.kind(), message + "; " + context.outcome);
    }
    if (error.kind() != ErrorKind::run || !context.has_begun()) throw;
    throw Error(error.kind(), message + "\n" + context.outcome);
  }
}

}  // namespace

JobReport run_job(const BillJob& job, std::size_t chunk_bytes, const JobHooks& hooks,
                  const std::function<void(JobContext&)>& run) {
  const MemoryPlan memory = plan_memory(job, chunk_bytes);
  if (memory.threads < job.threads) {
    hooks.warn(fmt::format("the memory limit has room for {} of {}", memory.threads,
                           counted(job.threads, "thread")));
  }
  tbb::task_arena arena(arena_threads(memory));
  JobReport report;
  report.threads = memory.threads;
  const JobHooks carried_hooks = carried(hooks);
  JobContext context(carried_hooks, memory, report);
  arena.execute([&] { run_to_outcome(context, run); });
  return report;
}

}  // namespace billing
