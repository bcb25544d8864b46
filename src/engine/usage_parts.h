#pragma once

// The inside of Usage: what each meter has kept, by partition.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

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
  return options.group_by.cycle && options.cycles->calls_per_cycle() > 0;
}

/// Whether records belong to users; if not, all of a partition's records belong to one nameless
/// user.
inline bool keeps_users(const MeterOptions& options) {
  return options.group_by.user || keeps_events(options);
}

/// Whether users' sums of the first keys stand beside their names. Those of other keys, and parts
/// of sums too large for that, are records.
inline bool keeps_name_sums(const MeterOptions& options) {
  const bool cycles_are_few = !options.group_by.cycle || options.cycles->are_few();
  return options.group_by.user && cycles_are_few && !options.wide_records;
}

/// What one meter has kept. Movable only as a whole: records refer to names by number.
struct MeterUsage {
  explicit MeterUsage(const MeterOptions& options)
      : users(options.partition_bits, keeps_name_sums(options) ? sizeof(NameSums) : sizeof(Name)),
        tasks(0),
        partitions(std::size_t{1} << options.partition_bits) {}

  NameTable users;
  NameTable tasks;
  PagePool pages;
  std::vector<PartitionRecords> partitions;
};

class Usage::Parts {
 public:
  MeterOptions options;
  std::vector<std::unique_ptr<MeterUsage>> meters;
};

inline constexpr std::int64_t kEventTimeUnitNs = 1'000'000'000;

/// Rows of a block of ordered usage, about: enough to be worth a task, few enough for the cache.
inline constexpr std::size_t kBlockRows = 4096;

}  // namespace billing
