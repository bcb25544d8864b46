#pragma once

// What usage is made with: the options that decide which usage the records of an input are. They
// are kept with usage that is written, and usage of different ones is not added up.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "billing/cycle_policy.h"
#include "billing/event_filter.h"
#include "billing/group_by.h"
#include "billing/quantity.h"
#include "billing/record_format.h"
#include "billing/usage_key.h"

namespace billing {

struct UsageOptions {
  GroupBy group_by;  ///< what a statement of it shows, if nothing else is asked for
  CycleSettings cycles = {};
  EventFilter filter = {};
  /// Instants at which usage is cut into parts (see UsageKey), so that it serves prices which
  /// change then.
  std::vector<std::int64_t> splits_ns = {};
  QuantityRules quantity = {};
  /// What the records of the usage had to fulfil. Formats filter by it (RecordFormat::where), and
  /// must have the same text where records are added; here it is kept with the usage. Several
  /// expressions are the same as one, `(a) and (b)`, which is how partials keep them.
  std::vector<std::string> where = {};
  /// By what records are known to be one and the same. Partials of such usage keep the records that
  /// stay, each with its key, so that duplicates are found when they are merged. Of paths alone: a
  /// host's own records and events have no keys.
  DedupeSettings dedupe = {};

  /// What the usage keeps apart, for prices that are rates per task.
  UsageKey key() const { return {group_by.user, group_by.cycle, splits_ns}; }
};

/// Where a piece of an input lies in it: of an input that several hosts read at once.
struct InputPiece {
  std::uint64_t begin_bytes = 0;
  bool is_last = false;  ///< nothing follows it in the input

  bool operator==(const InputPiece&) const = default;
};

using NamedOption = std::pair<std::string, std::string>;

}  // namespace billing
