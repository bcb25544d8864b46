#pragma once

// The two forms in which usage is kept until it is closed. A record is an event (of `calls:N`) or a
// sum of events with one key:
//
//              event                    sum
//     when     its time                 its period (usage_key.h)
//     extra    its status               number of calls
//
// Records of a user compare by (when, task, extra, quantity): for events this is the order in which
// calls are numbered, once tasks are numbered in the order of their names.

#include <cstddef>
#include <cstdint>
#include <limits>

namespace billing {

/// Takes everything but sums of quantities beyond 64 bits: those are kept as several records.
/// `when` of an event is in nanoseconds.
struct WideRecord {
  std::int64_t when;
  std::uint64_t extra;
  std::int64_t quantity;
  std::uint32_t task;
  std::uint32_t user;
};

/// 16 bytes for the common case. `when` of an event is in seconds.
///
///     order     | when: 32 | task: 16 | extra: 16 |     compares as one number
class CompactRecord {
 public:
  /// Tasks below this fit.
  static constexpr std::size_t kTasks = std::size_t{1} << 16;

  std::uint32_t when() const { return static_cast<std::uint32_t>(order_ >> 32); }
  std::uint32_t task() const { return static_cast<std::uint16_t>(order_ >> 16); }
  std::uint32_t extra() const { return static_cast<std::uint16_t>(order_); }
  std::uint32_t quantity() const { return quantity_; }
  std::uint32_t user() const { return user_; }
  /// `when`, `task` and `extra` as one number.
  std::uint64_t order() const { return order_; }

  /// Negative times, cycles and quantities never do.
  static bool fits(std::int64_t when, std::uint64_t extra, std::int64_t quantity,
                   std::uint32_t task) {
    return static_cast<std::uint64_t>(when) <= std::numeric_limits<std::uint32_t>::max() &&
           static_cast<std::uint64_t>(quantity) <= std::numeric_limits<std::uint32_t>::max() &&
           (extra | task) <= std::numeric_limits<std::uint16_t>::max();
  }

  CompactRecord() = default;
  CompactRecord(std::uint64_t when, std::uint64_t extra, std::int64_t quantity, std::uint32_t task,
                std::uint32_t user)
      : order_(when << 32 | std::uint64_t{task} << 16 | extra),
        quantity_(static_cast<std::uint32_t>(quantity)),
        user_(user) {}

  /// Within one user.
  bool operator<(const CompactRecord& other) const {
    return order_ != other.order_ ? order_ < other.order_ : quantity_ < other.quantity_;
  }

 private:
  std::uint64_t order_;
  std::uint32_t quantity_;
  std::uint32_t user_;
};

static_assert(sizeof(CompactRecord) == 16 && sizeof(WideRecord) == 32);

inline bool operator<(const WideRecord& a, const WideRecord& b) {
  if (a.when != b.when) return a.when < b.when;
  if (a.task != b.task) return a.task < b.task;
  if (a.extra != b.extra) return a.extra < b.extra;
  return a.quantity < b.quantity;
}

/// What a CompactRecord holds; `when_unit` is the number of ns in a second for events, 1 for sums.
inline WideRecord widen(const CompactRecord& record, std::int64_t when_unit) {
  return {std::int64_t{record.when()} * when_unit, record.extra(), record.quantity(), record.task(),
          record.user()};
}

/// Adds up neighbours that belong together, in place: `add_if_same(Row& sum, const Row& more)` adds
/// `more` and returns true, or returns false where it is the first of another sum. Returns the new
/// end.
template <class Row, class AddIfSame>
Row* combine_neighbours(Row* begin, Row* end, const AddIfSame& add_if_same) {
  if (begin == end) return end;
  Row* last = begin;
  for (const Row* next = begin + 1; next < end; ++next) {
    if (!add_if_same(*last, *next)) *++last = *next;
  }
  return last + 1;
}

}  // namespace billing
