#pragma once

// The options that say what the lines of a bill are: for `aggregate` and `bench`.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/cycle_policy.h"
#include "billing/group_by.h"
#include "cli/command_options.h"
#include "cli/mistakes.h"

namespace billing::cli {

/// As typed.
struct UsageFlags {
  std::vector<std::string> group_by;
  std::optional<std::string> cycle;
  std::optional<std::string> timezone;
  std::optional<std::string> anchor_day;
};

/// `--group-by`, `--cycle` and `--timezone`.
void add_usage_options(CommandOptions& options, UsageFlags& flags, std::string_view group);

/// What the flags choose, checked.
struct UsageChoice {
  GroupBy group_by;
  CycleSettings cycle_settings;
  std::shared_ptr<const CyclePolicy> cycles;  ///< null where there is a mistake
};

/// What is wrong is added to `mistakes`: also an option that would have no effect.
UsageChoice choose_usage(const UsageFlags& flags, Mistakes& mistakes);

}  // namespace billing::cli
