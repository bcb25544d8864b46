#include "engine/flat_usage.h"

#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <utility>

namespace billing {
namespace {

constexpr std::size_t kBlockRows = 4096;

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
  FlatUsage(std::vector<std::string> tasks, std::vector<UsageRow> rows)
      : tasks_(std::move(tasks)), rows_(std::move(rows)) {
    for (std::size_t end = 0; end < rows_.size();) {
      end = std::min(end + kBlockRows, rows_.size());
      while (end < rows_.size() && rows_[end].when == rows_[end - 1].when) ++end;
      ends_.push_back(end);
    }
  }

  const std::vector<std::string>& tasks() const override { return tasks_; }
  std::size_t block_count() const override { return ends_.size(); }

  void read_block(std::size_t block, UsageSink& sink) const override {
    const std::size_t begin = block == 0 ? 0 : ends_[block - 1];
    sink.begin_user({}, begin);
    sink.add({rows_.data() + begin, ends_[block] - begin});
  }

 private:
  std::vector<std::string> tasks_;
  std::vector<UsageRow> rows_;
  std::vector<std::size_t> ends_;
};

}  // namespace

std::unique_ptr<OrderedUsage> make_flat_usage(const ClosedUsage& usage) {
  RowList rows;
  for (const ClosedPartition& partition : usage.partitions) {
    for (const ClosedUser& user : partition.users)
      add_rows(usage, partition, user, 0, user.count, rows);
  }
  // A cycle's sums are all in one partition, so no key comes twice.
  tbb::parallel_sort(rows.list.begin(), rows.list.end());
  return std::make_unique<FlatUsage>(usage.tasks.names, std::move(rows.list));
}

}  // namespace billing
