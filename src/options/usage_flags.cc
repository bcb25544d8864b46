#include "options/usage_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "billing/error.h"
#include "options/numbers.h"

namespace billing {
namespace {

constexpr const char* kDefaultGroupBy = "user,cycle,task";

/// All that was given, as one list; spaces around its parts do not count.
std::string joined_parts(const std::vector<std::string>& typed) {
  if (typed.empty()) return kDefaultGroupBy;
  std::string parts;
  for (const std::string& text : typed) {
    for (const std::string_view part : split_list(text)) {
      parts += trimmed(part);
      parts += ',';
    }
  }
  parts.pop_back();
  return parts;
}

/// The parts that are kept, with the cycle.
std::string with_cycle(const GroupBy& group_by) {
  return std::string(group_by.user ? "user," : "") + "cycle" + (group_by.task ? ",task" : "");
}

/// A cycle that no line shows: somebody expects months and would get none.
void refuse_without_effect(const UsageFlags& flags, const GroupBy& group_by, Mistakes& mistakes) {
  if (group_by.cycle) return;
  const auto refuse = [&](const char* option, const std::optional<std::string>& value) {
    if (!value) return;
    mistakes.add(
        fmt::format("{} {}: has no effect, as \1group-by keeps no cycle; say \1group-by "
                    "{}, or leave out {}",
                    option, quoted_text(*value), with_cycle(group_by), option));
  };
  refuse("\1cycle", flags.cycle);
  refuse("\1anchor-day", flags.anchor_day);
}

}  // namespace

void add_group_by_option(CommandOptions& options, std::vector<std::string>& target,
                         std::string_view group, std::string_view purpose) {
  options.add({.names = "-g,--group-by",
               .value = "PARTS",
               .purpose = purpose,
               .target = &target,
               .group = group,
               .choices = {"user", "cycle", "task", "user,cycle", "user,task", "user,cycle,task"}});
}

GroupBy choose_group_by(const std::vector<std::string>& typed, Mistakes& mistakes) {
  const std::string parts = joined_parts(typed);
  return mistakes.attempt([&] { return parse_group_by(parts); }, GroupBy{});
}

void add_usage_options(CommandOptions& options, UsageFlags& flags, std::string_view group) {
  add_group_by_option(options, flags.group_by, group,
                      "What the lines of the bill keep: one or more of user,cycle,task. "
                      "Default: user,cycle,task");
  options.add({.names = "-c,--cycle",
               .value = "POLICY",
               .purpose = "Billing cycle: calls:N, hour, day, week, month, quarter, year, "
                          "every:<n><s|m|h|d>, all. With calls:N a late record may renumber a "
                          "user's later cycles. Default: calls:5",
               .target = &flags.cycle,
               .group = group,
               .choices = {"calls:5", "hour", "day", "week", "month", "quarter", "year",
                           "every:15m", "all"}});
  options.add({.names = "--timezone",
               .value = "ZONE",
               .purpose = "IANA zone of cycles, --since and --until. Default: UTC",
               .target = &flags.timezone,
               .group = group,
               .completes = Completion::time_zone});
}

UsageOptions choose_usage(const UsageFlags& flags, Mistakes& mistakes) {
  UsageOptions choice;
  const std::size_t mistakes_before = mistakes.count();
  choice.group_by = choose_group_by(flags.group_by, mistakes);
  if (mistakes.count() == mistakes_before) {
    refuse_without_effect(flags, choice.group_by, mistakes);
  }
  CycleSettings& settings = choice.cycles;
  if (flags.cycle) settings.policy = *flags.cycle;
  // Another zone in place of one that does not exist, so that this is said once.
  if (flags.timezone) {
    settings.timezone = mistakes.attempt(
        [&] {
          check_timezone(*flags.timezone);
          return *flags.timezone;
        },
        settings.timezone);
  }
  if (flags.anchor_day) {
    const auto day = mistakes.attempt(
        [&] { return parse_count("\1anchor-day", *flags.anchor_day, 1, 31); }, std::uint64_t{0});
    if (day > 0) settings.anchor_day = static_cast<int>(day);
  }
  mistakes.attempt([&] { return make_cycle_policy(settings) != nullptr; }, false);
  return choice;
}

}  // namespace billing
