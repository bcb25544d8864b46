#include "engine/meter_memory.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>
#include <vector>

#include "engine/name_order.h"

namespace billing {
namespace {

/// Bytes that closing takes for each user: entries in the lists of closed and of ordered users, and
/// an index. Growing a table of names takes no more than that.
constexpr std::size_t kCloseUserBytes = 44;

/// Closing holds two more copies of a partition's records (grouped by user, then in order) while
/// the original pages are still there; each thread closes one partition.
constexpr std::size_t kCloseCopies = 2;

/// Bytes per task that ordering takes besides the copied name: a key and a rank. This also covers
/// two other peaks, which never coincide with it: growing the table, and rating after the table is
/// gone.
constexpr std::size_t kOrderTaskBytes =
    sizeof(NameKey) + sizeof(std::uint32_t) + TaskNames::kBytesBesideName;

/// Sums without a user are copied into one list, of rows that are twice as large.
constexpr std::size_t kFlatCopies = 2;

/// Bytes that closing takes for records beside those already here: copies of the partitions that
/// are closed at the same time, and the growth of partitions that turn wide, because of one wide
/// record or because all threads together have too many tasks.
std::size_t close_records_bytes(const MeterUsage& usage, const MeterOptions& options) {
  std::size_t growth_bytes = 0;
  std::vector<std::size_t> closed_bytes;
  closed_bytes.reserve(usage.partitions.size());
  const bool all_wide = std::size_t{usage.tasks.size()} * options.threads > CompactRecord::kTasks;
  for (const PartitionRecords& partition : usage.partitions) {
    closed_bytes.push_back(partition.closed_bytes(all_wide));
    growth_bytes += closed_bytes.back() - partition.memory_bytes();
  }
  const std::size_t at_once = std::min<std::size_t>(options.threads, closed_bytes.size());
  const auto end = closed_bytes.begin() + static_cast<std::ptrdiff_t>(at_once);
  std::partial_sort(closed_bytes.begin(), end, closed_bytes.end(), std::greater<>());
  return growth_bytes + std::accumulate(closed_bytes.begin(), end, std::size_t{0}) * kCloseCopies;
}

}  // namespace

std::size_t planned_bytes(const MeterUsage& usage, const MeterOptions& options) {
  return usage.users.memory_bytes() + planned_task_bytes(usage) + usage.pages.memory_bytes() +
         usage.users.size() * kCloseUserBytes + close_records_bytes(usage, options) +
         (keeps_users(options) ? 0 : usage.pages.memory_bytes() * kFlatCopies);
}

std::size_t planned_task_bytes(const MeterUsage& usage) {
  const NameTable& tasks = usage.tasks;
  return tasks.memory_bytes() + tasks.name_bytes() + tasks.size() * kOrderTaskBytes;
}

}  // namespace billing
