// Usage, closed: each partition by one owner, then all in order.

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/parallel_for.h>

#include <algorithm>

#include "billing/meter.h"
#include "engine/close_partition.h"
#include "engine/flat_usage.h"
#include "engine/task_order.h"
#include "engine/user_usage.h"

namespace billing {

std::unique_ptr<OrderedUsage> close(Usage usage, const std::function<void()>& checkpoint) {
  ClosedUsage closed;
  closed.parts = usage.take();
  closed.parts->agree_on_name_sums();
  closed.tasks = order_tasks(*closed.parts);
  closed.partitions.resize(std::size_t{1} << closed.parts->options.partition_bits);

  PartitionCloser::UserIndexes user_indexes;
  for (const auto& meter : closed.parts->meters) {
    // Not zeroed: closers fill in what they use, but the nameless user.
    auto& indexes = user_indexes.emplace_back(
        std::make_unique_for_overwrite<std::uint32_t[]>(std::max(meter->users.size(), 1U)));
    indexes[0] = 0;
  }
  tbb::enumerable_thread_specific<std::unique_ptr<PartitionCloser>> closers(
      [&user_indexes] { return std::make_unique<PartitionCloser>(user_indexes); });
  tbb::parallel_for(std::size_t{0}, closed.partitions.size(), [&](std::size_t p) {
    checkpoint();
    closed.partitions[p] =
        closers.local()->close(*closed.parts, closed.tasks, static_cast<std::uint32_t>(p));
  });
  for (auto& closer : closers) closed.pages.push_back(closer->take_pages());
  closed.tasks.rank_of = {};
  checkpoint();

  return keeps_users(closed.parts->options) ? make_user_usage(std::move(closed))
                                            : make_flat_usage(closed);
}

SumRules sum_rules_of(const MeterOptions& options) {
  const bool events = keeps_events(options);
  return {events ? RowKind::events : RowKind::sums, events ? options.cycles->calls_per_cycle() : 0,
          options.key, options.key};
}

}  // namespace billing
