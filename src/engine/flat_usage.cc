#include "engine/flat_usage.h"

#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <span>
#include <utility>

#include "engine/for_each_block.h"
#include "engine/record.h"
#include "engine/usage_parts.h"

namespace billing {
namespace {

/// Rows that may come together before those with equal keys are added up.
constexpr std::size_t kPendingRows = 1 << 16;

class RowList final : public UsageSink {
 public:
  void begin_user(std::string_view, std::uint64_t) override {}
  void add(std::span<const UsageRow> rows) override {
    list.insert(list.end(), rows.begin(), rows.end());
  }

  std::vector<UsageRow> list;
};

class FlatUsage final : public OrderedUsage {
 public:
  /// `rows` are in order, their periods of so many parts.
  FlatUsage(TaskNames tasks, std::vector<UsageRow> rows, std::size_t parts)
      : tasks_(std::move(tasks)), rows_(std::move(rows)) {
    const auto cycle = [&](std::size_t row) { return cycle_of_period(rows_[row].when, parts); };
    for (std::size_t end = 0; end < rows_.size();) {
      end = std::min(end + kBlockRows, rows_.size());
      while (end < rows_.size() && cycle(end) == cycle(end - 1)) ++end;
      ends_.push_back(end);
    }
  }

  const TaskNames& tasks() const override { return tasks_; }
  std::size_t block_count() const override { return ends_.size(); }

  void read_block(std::size_t block, UsageSink& sink) const override {
    const std::size_t begin = block == 0 ? 0 : ends_[block - 1];
    sink.begin_user({}, begin);
    sink.add({rows_.data() + begin, ends_[block] - begin});
  }

 private:
  TaskNames tasks_;
  std::vector<UsageRow> rows_;
  std::vector<std::size_t> ends_;
};

/// Orders rows and adds up those with equal keys.
void combine(std::vector<UsageRow>& rows) {
  tbb::parallel_sort(rows.begin(), rows.end());
  const UsageRow* const new_end =
      combine_neighbours(rows.data(), rows.data() + rows.size(), add_if_same_key);
  rows.resize(static_cast<std::size_t>(new_end - rows.data()));
}

/// A block, its rows by cycle and task.
struct FlatBlock {
  SumBlock block;
  std::vector<UsageRow> rows;
};

}  // namespace

std::unique_ptr<OrderedUsage> make_flat_usage(const ClosedUsage& usage) {
  RowList rows;
  std::uint64_t count = 0;
  for (const ClosedPartition& partition : usage.partitions) {
    for (const ClosedUser& user : partition.users) count += user.count;
  }
  rows.list.reserve(count);
  for (const ClosedPartition& partition : usage.partitions) {
    for (const ClosedUser& user : partition.users)
      add_rows(usage, partition, user, 0, user.count, rows);
  }
  // A period's sums are all in one partition, so no key comes twice.
  tbb::parallel_sort(rows.list.begin(), rows.list.end());
  return std::make_unique<FlatUsage>(usage.tasks.names, std::move(rows.list),
                                     usage.parts->options.key.parts());
}

std::unique_ptr<OrderedUsage> add_up_users(const Sums& sums, std::size_t parts,
                                           const std::function<void()>& checkpoint,
                                           const SumSpill& spill) {
  std::vector<UsageRow> rows;
  const std::size_t least_limit = std::min(kPendingRows, spill.max_rows);
  std::size_t pending_limit = least_limit;
  bool spilled = false;
  const auto spill_rows = [&] {
    spill.spill(FlatUsage(sums.tasks(), std::exchange(rows, {}), parts));
    spilled = true;
  };
  for_each_block<FlatBlock>(
      sums, checkpoint, [] { return FlatBlock(); },
      [parts](FlatBlock& work) {
        work.rows.clear();
        for (const Sum& sum : work.block.rows) {
          work.rows.push_back(
              {period_of(sum.cycle, sum.part, parts), sum.task, sum.calls, sum.quantity});
        }
        combine(work.rows);
      },
      [&](FlatBlock& work) {
        rows.insert(rows.end(), work.rows.begin(), work.rows.end());
        if (rows.size() < pending_limit) return;
        combine(rows);
        if (rows.size() > spill.max_rows / 2) spill_rows();
        pending_limit = std::max(rows.size() * 2, least_limit);
      });
  combine(rows);
  if (!spilled) return std::make_unique<FlatUsage>(sums.tasks(), std::move(rows), parts);
  spill_rows();
  return nullptr;
}

}  // namespace billing
