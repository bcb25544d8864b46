#pragma once

// Partials -> a bill, or one partial: the same bytes as one run over all that they were made of.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "billing/bill.h"

namespace billing {

struct MergeJob : BillJob {
  std::vector<std::string> partials;  ///< paths of regular files
};

/// Runs the job. On return the result is committed. Throws Error with nothing written: where a
/// partial is damaged, or two were made with different options.
JobReport merge(const MergeJob& job, const JobHooks& hooks);

/// What a partial holds.
struct PartialContent {
  std::uint64_t size_bytes = 0;
  bool events = false;  ///< else sums
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<InputReport> inputs;
  InputTotals totals;
  std::uint64_t users = 0;
  std::uint64_t rows = 0;

  struct Task {
    std::string name;
    std::uint64_t calls = 0;
    Uint128 quantity = 0;
  };
  std::vector<Task> tasks;
};

/// Reads a partial whole and checks it. Throws Error(run) where it is damaged.
PartialContent inspect_partial(const std::string& path, const JobHooks& hooks);

}  // namespace billing
