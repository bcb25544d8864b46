#pragma once

// Usage in order: what metering ends in, what partials hold, and what bills are made of.

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "billing/int128.h"
#include "billing/task_names.h"

namespace billing {

/// What rows are. All rows of a run are of one kind.
enum class RowKind : std::uint8_t {
  sums,    ///< of the events with one key
  events,  ///< for `calls:N`, whose cycles are only known when all events are
};

/// A user's usage:
///
///              event                    sum
///     when     its time, ns             its period: see usage_key.h
///     extra    its status               number of calls
///     quantity its own                  the exact sum of theirs; see QuantityRules
///
/// Rows of a user are ordered as they are compared here: for events this is the order in which
/// calls are numbered, because tasks are numbered in the order of their names.
struct UsageRow {
  std::int64_t when;
  std::uint32_t task;  ///< index into the tasks of where the row came from
  std::uint64_t extra;
  Int128 quantity;

  bool operator==(const UsageRow&) const = default;
  std::strong_ordering operator<=>(const UsageRow& other) const {
    if (when != other.when) return when <=> other.when;
    if (task != other.task) return task <=> other.task;
    if (extra != other.extra) return extra <=> other.extra;
    return quantity < other.quantity   ? std::strong_ordering::less
           : quantity > other.quantity ? std::strong_ordering::greater
                                       : std::strong_ordering::equal;
  }
};

/// How many calls a row stands for.
inline std::uint64_t calls_of(const UsageRow& row, RowKind kind) {
  return kind == RowKind::events ? 1 : row.extra;
}

/// Adds a sum to one of the same user with the same key; false where the keys differ.
inline bool add_if_same_key(UsageRow& sum, const UsageRow& more) {
  if (sum.when != more.when || sum.task != more.task) return false;
  sum.extra += more.extra;
  sum.quantity += more.quantity;
  return true;
}

/// Takes rows in order.
class UsageSink {
 public:
  virtual ~UsageSink() = default;

  /// The rows added from here on, of which there is one at least, belong to `user` (empty where
  /// there are none); so may the last ones. `first_row` is how many rows of the user
  /// come before (of sums: 0 where none do).
  /// The view is valid until the next call of this function.
  virtual void begin_user(std::string_view user, std::uint64_t first_row) = 0;

  virtual void add(std::span<const UsageRow> rows) = 0;
};

/// Usage in memory: ordered by user (bytes), then as rows are. Sums have no key twice. Immutable;
/// blocks may be read by several threads at once.
class OrderedUsage {
 public:
  virtual ~OrderedUsage() = default;

  virtual const TaskNames& tasks() const = 0;

  /// Blocks follow each other in order. None ends inside of a cycle of a user.
  virtual std::size_t block_count() const = 0;
  virtual void read_block(std::size_t block, UsageSink& sink) const = 0;
};

/// One pass over usage that is too large for memory, or comes from files: ordered in the same way.
/// One thread.
class UsageStream {
 public:
  virtual ~UsageStream() = default;

  /// Puts some rows into the sink; false where there are none left. Throws Error(run) where they
  /// cannot be read.
  virtual bool next(UsageSink& sink) = 0;
};

}  // namespace billing
