#include "engine/flat_sums.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>

#include "engine/combine_sums.h"

namespace billing {
namespace {

constexpr std::size_t kBlockRows = 4096;
/// Sums of one user at a time are added to those of the others when this many have come together.
constexpr std::size_t kPendingRows = 1 << 16;

bool before(const Sum& a, const Sum& b) {
  return a.cycle != b.cycle ? a.cycle < b.cycle : a.task < b.task;
}

void combine_sorted(std::vector<Sum>& rows) {
  const auto same_key = [](const Sum& a, const Sum& b) {
    return a.cycle == b.cycle && a.task == b.task;
  };
  Sum* const begin = rows.data();
  rows.resize(
      static_cast<std::size_t>(combine_neighbours(begin, begin + rows.size(), same_key) - begin));
}

/// The sums of all users of a partition, ordered.
std::vector<Sum> sums_of(const ClosedPartition& partition, std::uint64_t calls_per_cycle) {
  std::vector<Sum> rows;
  std::size_t pending_limit = kPendingRows;
  for (const ClosedUser& user : partition.users) {
    append_sums(partition, user, 0, user.count, calls_per_cycle, {}, rows);
    if (rows.size() < pending_limit) continue;
    std::sort(rows.begin(), rows.end(), before);
    combine_sorted(rows);
    pending_limit = std::max(kPendingRows, rows.size() * 2);
  }
  std::sort(rows.begin(), rows.end(), before);
  combine_sorted(rows);
  return rows;
}

class FlatSums final : public Sums {
 public:
  FlatSums(std::vector<std::string> tasks, std::vector<Sum> rows)
      : tasks_(std::move(tasks)), rows_(std::move(rows)) {
    for (std::size_t end = 0; end < rows_.size();) {
      end = std::min(end + kBlockRows, rows_.size());
      while (end < rows_.size() && rows_[end].cycle == rows_[end - 1].cycle) ++end;
      ends_.push_back(end);
    }
  }

  const std::vector<std::string>& tasks() const override { return tasks_; }
  std::size_t block_count() const override { return ends_.size(); }

  void read_block(std::size_t block, std::vector<Sum>& rows) const override {
    const std::size_t begin = block == 0 ? 0 : ends_[block - 1];
    rows.assign(rows_.begin() + static_cast<std::ptrdiff_t>(begin),
                rows_.begin() + static_cast<std::ptrdiff_t>(ends_[block]));
  }

 private:
  std::vector<std::string> tasks_;
  std::vector<Sum> rows_;
  std::vector<std::size_t> ends_;
};

}  // namespace

std::unique_ptr<Sums> make_flat_sums(ClosedUsage usage) {
  const MeterOptions& options = usage.parts->options;
  const std::uint64_t calls_per_cycle =
      keeps_events(options) ? options.cycles->calls_per_cycle() : 0;
  std::vector<std::vector<Sum>> parts(usage.partitions.size());
  tbb::parallel_for(std::size_t{0}, parts.size(), [&](std::size_t p) {
    parts[p] = sums_of(usage.partitions[p], calls_per_cycle);
  });

  std::vector<Sum> rows;
  for (std::vector<Sum>& part : parts) {
    rows.insert(rows.end(), part.begin(), part.end());
    part = {};
  }
  tbb::parallel_sort(rows.begin(), rows.end(), before);
  combine_sorted(rows);
  return std::make_unique<FlatSums>(std::move(usage.tasks.names), std::move(rows));
}

}  // namespace billing
