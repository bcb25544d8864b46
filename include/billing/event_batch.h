#pragma once

// The joint of the program: decoded usage events as a structure of arrays. Formats write batches;
// filters, cycles and meters read them. A host with columns of its own enters here.

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "billing/quantity.h"

namespace billing {

/// Small enough for a batch (about 60 KB) to stay in the L2 cache between the loops over it.
inline constexpr std::size_t kEventBatchCapacity = 1024;

/// Bounds that every decoder keeps and every meter relies on.
inline constexpr std::size_t kMaxNameBytes = 255;
inline constexpr std::uint16_t kNoStatus = 0;
inline constexpr std::uint16_t kMaxStatus = 999;

/// By which records are known to be one and the same: a hash of what they have in common.
struct RecordKey {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  auto operator<=>(const RecordKey&) const = default;
};

/// Of a record that is like no other.
inline constexpr RecordKey kNoKey = {};

/// Event i is the i-th element of every array, for i < size. Views point into the decoded input or
/// into the decoder's memory, and are valid only during the call that hands the batch over. Not in
/// any order.
///
/// Names are 1 to kMaxNameBytes bytes of valid UTF-8 without control characters (U+0000 to U+001F,
/// U+007F to U+009F). Meters rely on this and on the bounds above and do not check them: they would
/// take `a` and `a\0` for one user. Decoders keep them; a host that fills batches with data from
/// elsewhere calls validate().
struct EventBatch {
  std::size_t size = 0;
  std::array<std::int64_t, kEventBatchCapacity> time_ns;   ///< since 1970-01-01T00:00:00Z
  std::array<std::string_view, kEventBatchCapacity> user;  ///< a name
  std::array<std::string_view, kEventBatchCapacity> task;  ///< a name
  std::array<std::uint16_t, kEventBatchCapacity> status;   ///< kNoStatus..kMaxStatus
  std::array<std::int64_t, kEventBatchCapacity> quantity;  ///< -kMaxQuantity..kMaxQuantity
  /// Where the record starts in the bytes given to mediate(): to report a later reject, and, with
  /// measures, what tells the events of one record: they stand next to each other and are in one
  /// batch. A record with measures that are all 0 is one event of no task, of the quantity 0.
  std::array<std::uint64_t, kEventBatchCapacity> offset_bytes;
  /// Where records are deduplicated: kEventBatchCapacity keys, in the decoder's memory; else null.
  /// Of the events of one record the first has the key.
  RecordKey* key = nullptr;
  /// Where the format keeps fields (RecordFormat::kept_fields): kept_count values an event, one
  /// event's after the other, in the order of the format's list; else null. Of a field that is
  /// missing the data is null. Any bytes: validate() asks nothing of them.
  std::string_view* kept = nullptr;
  std::size_t kept_count = 0;

  /// Records of which quantities were rounded. Where there are any, they and all events stand in
  /// the order of their offsets.
  struct Rounded {
    std::uint64_t offset_bytes;
    QuantityRounding rounding;
  };
  std::vector<Rounded> rounded = {};

  bool full() const { return size == kEventBatchCapacity; }

  /// Moves event `from` to place `to` (used to drop events in place).
  void move(std::size_t from, std::size_t to) {
    time_ns[to] = time_ns[from];
    user[to] = user[from];
    task[to] = task[from];
    status[to] = status[from];
    quantity[to] = quantity[from];
    offset_bytes[to] = offset_bytes[from];
    if (key != nullptr) key[to] = key[from];
    std::copy_n(kept + from * kept_count, kept_count, kept + to * kept_count);
  }
};

/// Throws std::invalid_argument that says which event is not as EventBatch wants it, and why.
void validate(const EventBatch& batch);

}  // namespace billing
