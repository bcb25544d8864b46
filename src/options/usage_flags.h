#pragma once

// The options that say what the lines of a bill are: for `aggregate`, `bench` and
// partly `merge`.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/usage_options.h"
#include "options/command_options.h"
#include "options/mistakes.h"

namespace billing {

/// As typed.
struct UsageFlags {
  std::vector<std::string> group_by;
  std::optional<std::string> cycle;
  std::optional<std::string> timezone;
  std::optional<std::string> anchor_day;
};

/// `--group-by`, which may be given several times.
void add_group_by_option(CommandOptions& options, std::vector<std::string>& target,
                         std::string_view group, std::string_view purpose);
GroupBy choose_group_by(const std::vector<std::string>& typed, Mistakes& mistakes);

/// `--group-by`, `--cycle` and `--timezone`.
void add_usage_options(CommandOptions& options, UsageFlags& flags, std::string_view group);

/// What the flags choose, checked. What is wrong is added to `mistakes`: also an option that would
/// have no effect.
UsageOptions choose_usage(const UsageFlags& flags, Mistakes& mistakes);

}  // namespace billing
