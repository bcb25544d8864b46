#pragma once

// What a partial says of itself; docs/partial-format.md describes it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/control_totals.h"
#include "billing/ordered_usage.h"
#include "billing/usage_options.h"
#include "partials/partial_input.h"

namespace billing {

/// What makes a partial the state of incremental runs.
struct StateIdentity {
  ContentSecret secret{};  ///< of the hashes of its inputs
  std::uint64_t runs = 0;  ///< that have changed it
};

/// What a partial was made of, as it is kept in memory to be written.
struct PartialHeader {
  UsageOptions options;
  std::vector<PartialInput> inputs;
  std::optional<StateIdentity> state = {};  ///< then all inputs have been seen, else none

  InputTotals totals() const;
};

/// The options as text, in an order of their own; those that came later than others are left out
/// where they have their defaults, so that programs which do not know them read all else.
std::vector<NamedOption> named_options(const UsageOptions& options);

/// The other way round. Throws Error(configuration) where this program does not know one of them,
/// its value, or the way it is written.
UsageOptions usage_options(const std::vector<NamedOption>& named);

/// Expressions of `where` as one that says the same, which is the one way of writing them; empty
/// where there are none.
std::string joined_where(const std::vector<std::string>& expressions);

/// Throws Error(configuration) where they are not such as could be written and read again: a unit
/// with a space, splits that do not rise, more digits than there may be.
void check(const UsageOptions& options);

/// The same with values as people write them: times as such.
std::vector<NamedOption> shown_options(const UsageOptions& options);

/// A line for each option in which they differ, `cycle: month in 'a', day in 'b'` with a mark
/// before the option's name (see tell()); empty where they are equal.
std::string describe_difference(const UsageOptions& a, const std::string& a_name,
                                const UsageOptions& b, const std::string& b_name);

/// What the payload of a header says: the kind of the rows, the options, and whether this is a
/// state.
struct DecodedHeader {
  RowKind rows = RowKind::sums;
  std::vector<NamedOption> options = {};
  std::optional<StateIdentity> state = {};
};
std::string encode_header(const DecodedHeader& header);
/// Nothing where the bytes are not a header. Throws Error(configuration) for a kind of rows that
/// this program does not know.
std::optional<DecodedHeader> decode_header(std::string_view payload);

}  // namespace billing
