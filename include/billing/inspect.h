#pragma once

// A look at a partial, without a bill.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "billing/bill.h"
#include "billing/control_totals.h"
#include "billing/uint128.h"

namespace billing {

/// What a partial holds, and what it was made with.
struct PartialContent {
  std::uint64_t size_bytes = 0;
  bool events = false;                                       ///< else sums
  std::vector<std::pair<std::string, std::string>> options;  ///< as people write them
  std::vector<InputReport> inputs;
  InputTotals totals;
  std::uint64_t users = 0;  ///< 0 where rows belong to nobody
  std::uint64_t rows = 0;

  struct Task {
    std::string name;
    std::uint64_t calls = 0;
    Uint128 quantity = 0;  ///< ms
  };
  std::vector<Task> tasks;
};

/// Reads a partial whole and checks it. Throws Error(run) where it is damaged, Error(interrupted)
/// where `hooks.cancelled` says so.
PartialContent inspect_partial(const std::string& path, const JobHooks& hooks);

}  // namespace billing
