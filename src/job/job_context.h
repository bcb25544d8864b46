#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "billing/bill.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "job/memory_plan.h"

namespace billing {

/// Times the passes of a job: each ends where the next begins. One that comes again adds to its
/// time.
class PassTimer {
 public:
  explicit PassTimer(std::vector<PassTime>& passes) : passes_(passes) {}

  /// The time since the last call belongs to `name`.
  void passed(std::string_view name) {
    const auto now = std::chrono::steady_clock::now();
    const double wall_s = std::chrono::duration<double>(now - last_).count();
    const auto known = std::find_if(passes_.begin(), passes_.end(),
                                    [name](const PassTime& pass) { return pass.name == name; });
    if (known != passes_.end()) {
      known->wall_s += wall_s;
    } else {
      passes_.push_back({name, wall_s});
    }
    last_ = now;
  }

 private:
  std::vector<PassTime>& passes_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

/// What a job works with besides its description.
struct JobContext {
  JobContext(const JobHooks& hooks, const MemoryPlan& memory, JobReport& report);
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;

  const JobHooks& hooks;
  const MemoryPlan& memory;
  JobReport& report;
  PassTimer timer;

  /// What a failure leaves of the result: the last line of the message of a run that has begun.
  const char* outcome = "no result was written";

  /// Tells the host of the progress, and throws Error(interrupted) where it wants the job to end.
  /// Any thread.
  const std::function<void()> checkpoint;

  /// The pass that the host is told of from now on. By the thread that runs the job.
  void begin(const char* pass, std::uint64_t done = 0, std::uint64_t total = 0);

  /// So much more of the pass is done. Any thread.
  void advance(std::uint64_t amount) const { done_ += amount; }
  std::uint64_t done() const { return done_; }

  /// Whether a pass has begun: before it, mistakes are found and nobody expects a result.
  bool has_begun() const { return has_begun_; }

 private:
  std::atomic<const char*> pass_ = "opening";
  mutable std::atomic<std::uint64_t> done_ = 0;
  std::atomic<std::uint64_t> total_ = 0;
  bool has_begun_ = false;
};

/// For results that go out as they are made.
inline constexpr const char* kIncompleteOutcome = "what was written is not complete";
/// For results that are in place when something else fails, such as what follows them in a state.
inline constexpr const char* kWrittenOutcome = "the result was written before";

/// Runs a job in a task arena of its own, on as many of the wanted threads as its memory has room
/// for. Warns the host where those are fewer.
JobReport run_job(const BillJob& job, std::size_t chunk_bytes, const JobHooks& hooks,
                  const std::function<void(JobContext&)>& run);

}  // namespace billing
