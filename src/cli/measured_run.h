#pragma once

// One run of a job in a process of its own, measured from outside: so that memory and processor
// time are that run's alone.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "billing/aggregate.h"

namespace billing::cli {

struct Measurement {
  double wall_s = 0;                       ///< from the job's beginning to its committed result
  double cpu_s = 0;                        ///< user and system, of the whole process
  std::uint64_t peak_anonymous_bytes = 0;  ///< RssAnon, sampled
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::vector<std::pair<std::string, double>> passes;
};

/// Runs `job` in a child process. The calling process must not have used TBB. Throws Error as the
/// job does.
Measurement run_measured(const AggregateJob& job);

/// Runs `work` in a child process, for what would leave threads behind here. Throws Error as it
/// does.
void run_apart(const std::function<void()>& work);

}  // namespace billing::cli
