#pragma once

// What is metered: the parts of the key that usage keeps apart. PriceBook::usage_key() chooses them
// by what the prices need; what a statement shows (group_by.h) may be less.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace billing {

/// Usage is kept for each (user, cycle, part, task). A task always is, because a price belongs to
/// one. A *part* is a piece of the time line between two instants at which prices change.
struct UsageKey {
  bool user = true;
  bool cycle = true;
  /// The instants, in ns since 1970 and rising, at which a new part begins; empty: there is one
  /// part.
  std::vector<std::int64_t> splits_ns = {};

  bool operator==(const UsageKey&) const = default;

  std::size_t parts() const { return splits_ns.size() + 1; }

  /// The part of an instant, from 0.
  std::uint32_t part_of(std::int64_t time_ns) const {
    return static_cast<std::uint32_t>(
        std::upper_bound(splits_ns.begin(), splits_ns.end(), time_ns) - splits_ns.begin());
  }

  /// Whether usage of the other key can be made from usage of this one by adding up.
  bool holds(const UsageKey& other) const {
    return user >= other.user && cycle >= other.cycle &&
           std::includes(splits_ns.begin(), splits_ns.end(), other.splits_ns.begin(),
                         other.splits_ns.end());
  }
};

/// Sums are told apart by their period: the piece of a cycle that lies in one part, as a number.
/// Where there is one part, it is the cycle itself. Periods are ordered as (cycle, part).
constexpr std::int64_t period_of(std::int64_t cycle, std::uint32_t part, std::size_t parts) {
  return cycle * static_cast<std::int64_t>(parts) + part;
}
/// The way back: the cycle, and the part, of a period.
constexpr std::int64_t cycle_of_period(std::int64_t period, std::size_t parts) {
  if (parts == 1) return period;
  const auto divisor = static_cast<std::int64_t>(parts);
  return period / divisor - (period % divisor < 0 ? 1 : 0);
}
constexpr std::uint32_t part_of_period(std::int64_t period, std::size_t parts) {
  return static_cast<std::uint32_t>(period - period_of(cycle_of_period(period, parts), 0, parts));
}

}  // namespace billing
