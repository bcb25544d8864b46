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
#include "billing/ordered_usage.h"
#include "partials/partial_input.h"

namespace billing {

using NamedOption = std::pair<std::string, std::string>;

/// What makes a partial the state of incremental runs.
struct StateIdentity {
  ContentSecret secret{};  ///< of the hashes of its inputs
  std::uint64_t runs = 0;  ///< that have changed it
};

/// What a partial was made of, as it is kept in memory to be written.
struct PartialHeader {
  std::vector<NamedOption> options;
  std::vector<PartialInput> inputs;
  std::optional<StateIdentity> state = {};  ///< then all inputs have been seen, else none

  InputTotals totals() const;
};

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

/// All of them so.
std::vector<NamedOption> shown_options(const std::vector<NamedOption>& options);

/// `--cycle: month in 'a', day in 'b'; ...`; empty where they are equal.
std::string describe_difference(const std::vector<NamedOption>& a, const std::string& a_name,
                                const std::vector<NamedOption>& b, const std::string& b_name);

/// What the payload of a header says: the kind of the rows, the options, and whether this is a
/// state.
struct DecodedHeader {
  RowKind rows = RowKind::sums;
  std::vector<NamedOption> options;
  std::optional<StateIdentity> state = {};
};
std::string encode_header(const DecodedHeader& header);
/// Nothing where the bytes are not a header.
std::optional<DecodedHeader> decode_header(std::string_view payload);

}  // namespace billing
