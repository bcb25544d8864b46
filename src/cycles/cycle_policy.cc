// The table of cycle policies. A new one is a file beside this one and a row here.

#include "billing/cycle_policy.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "cycles/cycle_families.h"
#include "cycles/time_zone.h"

namespace billing {
namespace {

struct Request {
  std::string_view argument;  // what follows the colon
  TimeZone zone;
  int anchor_day;
};

using Policy = std::unique_ptr<const CyclePolicy>;

struct Row {
  std::string_view name;      // up to the colon, if it takes an argument
  std::string_view argument;  // as messages write it; empty: takes none
  bool has_anchor_day;
  Policy (*make)(const Request& request);
};

constexpr Row kPolicies[] = {
    {"calls", "N", false, [](const Request& r) { return make_calls_cycles(r.argument); }},
    {"hour", "", false, [](const Request& r) { return make_hour_cycles(r.zone); }},
    {"day", "", false, [](const Request& r) { return make_day_cycles(r.zone); }},
    {"week", "", false, [](const Request& r) { return make_week_cycles(r.zone); }},
    {"month", "", true, [](const Request& r) { return make_month_cycles(r.zone, r.anchor_day); }},
    {"quarter", "", true,
     [](const Request& r) { return make_quarter_cycles(r.zone, r.anchor_day); }},
    {"year", "", true, [](const Request& r) { return make_year_cycles(r.zone, r.anchor_day); }},
    {"every", "<n><s|m|h|d>", false,
     [](const Request& r) { return make_every_cycles(r.argument); }},
    {"all", "", false, [](const Request&) { return make_all_cycles(); }},
};

/// `calls:N, hour, day ...`, of those rows that `wanted` takes.
template <typename Wanted>
std::string list_policies(Wanted wanted) {
  std::string list;
  for (const Row& row : kPolicies) {
    if (!wanted(row)) continue;
    if (!list.empty()) list += ", ";
    list += row.name;
    if (!row.argument.empty()) list.append(":").append(row.argument);
  }
  return list;
}

/// `list` is separated by commas.
std::string did_you_mean_one_of(std::string_view policy, std::string_view list) {
  std::vector<std::string_view> names;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(", "), list.size());
    names.push_back(list.substr(0, end));
    list.remove_prefix(std::min(end + 2, list.size()));
  }
  return did_you_mean(policy, names);
}

const Row& find_row(std::string_view policy) {
  const std::size_t colon = policy.find(':');
  const bool has_argument = colon != std::string_view::npos;
  for (const Row& row : kPolicies) {
    if (row.name == policy.substr(0, colon) && row.argument.empty() != has_argument) return row;
  }
  const std::string list = list_policies([](const Row&) { return true; });
  throw Error(ErrorKind::configuration, "\1cycle: unknown policy " + quoted_text(policy) +
                                            "; use one of " + list +
                                            did_you_mean_one_of(policy, list));
}

int anchor_day_of(const CycleSettings& settings, const Row& row) {
  if (!settings.anchor_day) return 1;
  const int day = *settings.anchor_day;
  if (!row.has_anchor_day) {
    throw Error(ErrorKind::configuration,
                "\1anchor-day: cycle policy " + quoted_text(settings.policy) +
                    " has no anchor day; it goes with " +
                    list_policies([](const Row& other) { return other.has_anchor_day; }));
  }
  if (day < 1 || day > 31) {
    throw Error(ErrorKind::configuration,
                "\1anchor-day: " + std::to_string(day) + " is no day of a month; use 1 to 31");
  }
  return day;
}

}  // namespace

Policy make_cycle_policy(const CycleSettings& settings) {
  const std::string_view policy = settings.policy;
  const Row& row = find_row(policy);
  const int anchor_day = anchor_day_of(settings, row);
  const std::string_view argument =
      row.argument.empty() ? std::string_view() : policy.substr(row.name.size() + 1);
  // A zone that does not exist is a mistake also where the policy does not ask for one.
  return row.make({argument, TimeZone(settings.timezone), anchor_day});
}

void check_timezone(const std::string& timezone) { TimeZone{timezone}; }

}  // namespace billing
