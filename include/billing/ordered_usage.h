#pragma once

// Usage in order: what metering ends in, what partials hold, and what bills are made of. A host
// that has usage in a store of its own derives from OrderedUsage or UsageStream and hands it to
// make_sums().
//
//     class Printer final : public UsageSink { ... };
//     Printer printer;
//     for (std::size_t block = 0; block < usage->block_count(); ++block)
//       usage->read_block(block, printer);

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "billing/int128.h"
#include "billing/task_names.h"

namespace billing {

/// What a row stands for. All rows of a run are of one kind.
enum class RowKind : std::uint8_t {
  sums,    ///< all events with one key
  events,  ///< one event: for `calls:N`, whose cycles are known only once all events are
};

/// A row of a user's usage:
///
///              event                    sum
///     when     ns since 1970            the period (usage_key.h)
///     extra    the status               the number of calls
///     quantity its own                  the exact sum of theirs
///
/// Quantities are in units of 10^-digits: see QuantityRules. Rows of a user come in the order of
/// <=>. For events this is the order in which calls are numbered, because tasks are numbered in the
/// order of their names.
struct UsageRow {
  std::int64_t when;
  std::uint32_t task;  ///< index into the TaskNames of the usage that the row is from
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

/// Adds `more` to `sum`, both of one user, where their keys are equal; else returns false.
inline bool add_if_same_key(UsageRow& sum, const UsageRow& more) {
  if (sum.when != more.when || sum.task != more.task) return false;
  sum.extra += more.extra;
  sum.quantity += more.quantity;
  return true;
}

/// Takes rows in order. Derive from it to read usage. Not called by several threads at once; what
/// it throws passes through the function that fills it.
class UsageSink {
 public:
  virtual ~UsageSink() = default;

  /// The rows added from here on belong to `user`, which is empty where usage does not keep users;
  /// at least one follows. It may be the user of the last call, where a block ends inside of a
  /// user. `first_row` is how many rows of this user come before; for sums only whether it is 0
  /// counts. The view is valid until the next call of this function.
  virtual void begin_user(std::string_view user, std::uint64_t first_row) = 0;

  /// Some rows of the user. The span is valid during the call.
  virtual void add(std::span<const UsageRow> rows) = 0;
};

/// Usage in memory, ordered by user (bytes), then as rows are. No two sums have one key. Immutable:
/// any number of threads may read it, the same block too.
class OrderedUsage {
 public:
  virtual ~OrderedUsage() = default;

  virtual const TaskNames& tasks() const = 0;

  /// Blocks follow each other in order. None ends inside of a cycle of a user.
  virtual std::size_t block_count() const = 0;
  virtual void read_block(std::size_t block, UsageSink& sink) const = 0;
};

/// One pass over usage that is too large for memory or comes from elsewhere, in the same order. Not
/// for several threads at once.
class UsageStream {
 public:
  virtual ~UsageStream() = default;

  /// Puts some rows into the sink; false where there are none left. Throws Error(run) where they
  /// cannot be read.
  virtual bool next(UsageSink& sink) = 0;
};

}  // namespace billing
