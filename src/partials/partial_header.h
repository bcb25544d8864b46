#pragma once

// What a partial says of itself; docs/partial-format.md describes it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/control_totals.h"
#include "billing/cycle_policy.h"
#include "billing/event_filter.h"
#include "billing/group_by.h"
#include "partials/partial_input.h"

namespace billing {

using NamedOption = std::pair<std::string, std::string>;

struct PartialHeader {
  bool events = false;
  std::vector<NamedOption> options;
  std::vector<std::string> tasks;  ///< distinct, ordered by bytes
  std::vector<PartialInput> inputs;

  InputTotals totals() const;
};

/// Whether records = accepted + rejected + filtered + blank, for each; and their sums are no larger
/// than what counts them.
bool balances(const std::vector<PartialInput>& inputs);

/// The options that decide what usage an input makes.
std::vector<NamedOption> usage_options(const GroupBy& group_by, const CycleSettings& cycles,
                                       const EventFilter& filter);

/// What they say: the other way round. Throws Error(configuration) where this program does not
/// know it.
GroupBy group_by_of(const std::vector<NamedOption>& options);
CycleSettings cycles_of(const std::vector<NamedOption>& options);
EventFilter filter_of(const std::vector<NamedOption>& options);

/// The value of such an option as people write it: times as such.
std::string shown_value(const NamedOption& option);

/// `--cycle: month in 'a', day in 'b'; ...`; empty where they are equal.
std::string describe_difference(const std::vector<NamedOption>& a, const std::string& a_name,
                                const std::vector<NamedOption>& b, const std::string& b_name);

/// Brings the inputs into the order that files have.
std::string encode(const PartialHeader& header);

/// Nothing where the bytes are not a header, or its inputs do not balance.
std::optional<PartialHeader> decode_partial_header(std::string_view payload);

}  // namespace billing
