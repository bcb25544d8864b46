#pragma once

// Events in half the bytes of a CompactRecord, for cycles of calls: what closing a partition leaves
// of them, and what is then read user by user from all over the memory.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "engine/record.h"

namespace billing {

/// Made and read by a PackedForm:
///
///     bits      | when - first | task | status | quantity |      compares as one number
///
/// Events of a user stand side by side, so that none needs to say whose it is.
struct PackedEvent {
  std::uint64_t bits;

  std::uint64_t order() const { return bits; }
  bool operator<(PackedEvent other) const { return bits < other.bits; }
};

static_assert(sizeof(PackedEvent) == 8);

/// How wide the parts of some events are. `when` is in seconds.
class EventWidths {
 public:
  void add(const CompactRecord& event) {
    first_ = std::min(first_, event.when());
    last_ = std::max(last_, event.when());
    statuses_ |= event.extra();
    quantities_ |= event.quantity();
  }

 private:
  friend class PackedForm;
  std::uint32_t first_ = std::numeric_limits<std::uint32_t>::max();
  std::uint32_t last_ = 0;
  std::uint32_t statuses_ = 0;    // all of them, by OR
  std::uint32_t quantities_ = 0;  // likewise
};

/// Where the parts of packed events stand: one form for all of a partition.
class PackedForm {
 public:
  PackedForm() = default;

  /// For these events, whose tasks are below `tasks`. None where 64 bits do not hold them.
  static std::optional<PackedForm> holding(const EventWidths& widths, std::size_t tasks) {
    if (widths.first_ > widths.last_ || tasks == 0) return std::nullopt;
    PackedForm form;
    form.first_ = widths.first_;
    form.status_shift_ = bits_for(widths.quantities_);
    form.task_shift_ = form.status_shift_ + bits_for(widths.statuses_);
    form.when_shift_ = form.task_shift_ + bits_for(tasks - 1);
    // One bit is left over, because no shift may be by all 64.
    const unsigned bits = form.when_shift_ + bits_for(widths.last_ - widths.first_);
    return bits < 64 ? std::optional(form) : std::nullopt;
  }

  /// With another task, its rank, in place of the record's.
  PackedEvent pack(const CompactRecord& event, std::uint32_t task) const {
    return {std::uint64_t{event.when() - first_} << when_shift_ |
            std::uint64_t{task} << task_shift_ | std::uint64_t{event.extra()} << status_shift_ |
            event.quantity()};
  }

  CompactRecord unpack(PackedEvent event) const {
    const std::uint64_t quantity = low(event.bits, status_shift_);
    const std::uint64_t status = low(event.bits, task_shift_) >> status_shift_;
    const std::uint64_t task = low(event.bits, when_shift_) >> task_shift_;
    return {first_ + (event.bits >> when_shift_), status, static_cast<std::int64_t>(quantity),
            static_cast<std::uint32_t>(task), /*user=*/0};
  }

 private:
  static unsigned bits_for(std::uint64_t highest) {
    return static_cast<unsigned>(std::bit_width(highest));
  }
  static std::uint64_t low(std::uint64_t bits, unsigned count) {
    return bits & ((std::uint64_t{1} << count) - 1);
  }

  std::uint32_t first_ = 0;  // the lowest `when`
  unsigned status_shift_ = 0;
  unsigned task_shift_ = 0;
  unsigned when_shift_ = 0;
};

}  // namespace billing
