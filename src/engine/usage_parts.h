#pragma once

// The inside of Usage: what each meter has kept, by partition.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/engine_knobs.h"
#include "billing/meter.h"
#include "engine/name_sums.h"
#include "engine/name_table.h"
#include "engine/paged_records.h"
#include "engine/record.h"

namespace billing {

/// The records of one partition. A record's user and task are the numbers of names in MeterUsage;
/// the nameless user is 0.
struct PartitionRecords {
  PagedRecords<CompactRecord> compact;
  PagedRecords<WideRecord> wide;

  std::size_t size() const { return compact.size() + wide.size(); }
  std::size_t memory_bytes() const {
    return compact.size() * sizeof(CompactRecord) + wide.size() * sizeof(WideRecord);
  }
  /// The partition is closed in one form.
  std::size_t closed_bytes(bool as_wide) const {
    return size() * (as_wide || wide.size() > 0 ? sizeof(WideRecord) : sizeof(CompactRecord));
  }
};

/// Whether usage is kept as events, to be numbered when it is closed.
inline bool keeps_events(const MeterOptions& options) {
  return options.key.cycle && options.cycles->calls_per_cycle() > 0;
}

/// Whether records belong to users; if not, all of a partition's records belong to one nameless
/// user.
inline bool keeps_users(const MeterOptions& options) {
  return options.key.user || keeps_events(options);
}

inline bool has_wide_records(const MeterOptions& options) {
  return options.knobs != nullptr && options.knobs->wide_records;
}

/// Whether sums are of more than one period.
inline bool has_periods(const MeterOptions& options) {
  return options.key.cycle || options.key.parts() > 1;
}

/// Whether meters begin with users' sums of the first keys beside their names. Sums of other keys,
/// and parts of sums too large for that, are records.
inline bool begins_with_name_sums(const MeterOptions& options) {
  const bool cycles_are_few = !options.key.cycle || options.cycles->are_few();
  return options.key.user && cycles_are_few && !has_wide_records(options);
}

/// What one meter has kept. Movable only as a whole: records refer to names by number.
struct MeterUsage {
  explicit MeterUsage(const MeterOptions& options)
      : has_name_sums(begins_with_name_sums(options)),
        users(options.partition_bits, has_name_sums ? sizeof(NameSums) : sizeof(Name)),
        tasks(0),
        partitions(std::size_t{1} << options.partition_bits) {}

  /// Appends a record in the form that holds it. `when` is the cycle of a sum, or the time of an
  /// event in whole seconds, `when_unit` as in widen().
  void append(std::uint32_t user, std::uint32_t partition, std::int64_t when, std::uint64_t extra,
              std::int64_t quantity, std::uint32_t task, std::int64_t when_unit) {
    if (CompactRecord::fits(when, extra, quantity, task)) {
      partitions[partition].compact.append(
          CompactRecord(static_cast<std::uint64_t>(when), extra, quantity, task, user), pages);
    } else {
      partitions[partition].wide.append({when * when_unit, extra, quantity, task, user}, pages);
    }
  }

  /// Makes records of the sums beside names: none stand there any more.
  void move_name_sums(const FirstKeys& first_keys);

  bool has_name_sums;
  NameTable users;
  NameTable tasks;
  PagePool pages;
  std::vector<PartitionRecords> partitions;
};

class Usage::Parts {
 public:
  /// After agree_on_name_sums() true for all meters or for none.
  bool has_name_sums() const {
    return std::any_of(meters.begin(), meters.end(),
                       [](const auto& meter) { return meter->has_name_sums; });
  }

  /// Where some meters keep sums beside names and some do not, none does afterwards.
  void agree_on_name_sums();

  MeterOptions options;
  std::vector<std::unique_ptr<MeterUsage>> meters;
};

inline constexpr std::int64_t kEventTimeUnitNs = 1'000'000'000;

/// Rows of a block of ordered usage, about: enough to be worth a task, few enough for the cache.
inline constexpr std::size_t kBlockRows = 4096;

/// A user with more records than this may be read in several blocks, cut at the borders of cycles.
/// All sums are records then: none stand beside the name.
inline constexpr std::size_t kMaxUncutRows = 2 * kBlockRows;

}  // namespace billing
