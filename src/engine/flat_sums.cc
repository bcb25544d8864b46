#include "engine/flat_sums.h"

#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <utility>

#include "engine/combine_sums.h"
#include "engine/for_each_block.h"

namespace billing {
namespace {

constexpr std::size_t kBlockRows = 4096;
/// Rows that may come together before those with equal keys are added up.
constexpr std::size_t kPendingRows = 1 << 16;

bool before(const Sum& a, const Sum& b) {
  return a.cycle != b.cycle ? a.cycle < b.cycle : a.task < b.task;
}

void combine(std::vector<Sum>& rows) {
  const auto same_key = [](const Sum& a, const Sum& b) {
    return a.cycle == b.cycle && a.task == b.task;
  };
  tbb::parallel_sort(rows.begin(), rows.end(), before);
  Sum* const begin = rows.data();
  rows.resize(
      static_cast<std::size_t>(combine_neighbours(begin, begin + rows.size(), same_key) - begin));
}

class FlatSums final : public Sums {
 public:
  FlatSums(std::vector<std::string> tasks, std::vector<Sum> rows)
      : tasks_(std::move(tasks)), rows_(std::move(rows)) {}

  const std::vector<std::string>& tasks() const override { return tasks_; }
  std::unique_ptr<SumReader> read() const override { return std::make_unique<Reader>(rows_); }

 private:
  class Reader final : public SumReader {
   public:
    explicit Reader(const std::vector<Sum>& rows) : rows_(rows) {}

    bool next(SumBlock& block) override {
      if (at_ == rows_.size()) return false;
      std::size_t end = std::min(at_ + kBlockRows, rows_.size());
      while (end < rows_.size() && rows_[end].cycle == rows_[end - 1].cycle) ++end;
      block.index = index_++;
      block.rows.assign(rows_.begin() + static_cast<std::ptrdiff_t>(at_),
                        rows_.begin() + static_cast<std::ptrdiff_t>(end));
      at_ = end;
      return true;
    }
    void load(SumBlock&) const override {}

   private:
    const std::vector<Sum>& rows_;
    std::size_t at_ = 0;
    std::size_t index_ = 0;
  };

  std::vector<std::string> tasks_;
  std::vector<Sum> rows_;
};

/// A block, its rows by cycle and task.
struct FlatBlock {
  SumBlock block;
};

}  // namespace

std::unique_ptr<Sums> flatten(const Sums& sums, const std::function<void()>& checkpoint) {
  std::vector<Sum> rows;
  std::size_t pending_limit = kPendingRows;
  for_each_block<FlatBlock>(
      sums, checkpoint, [] { return FlatBlock(); },
      [](FlatBlock& work) { combine(work.block.rows); },
      [&](FlatBlock& work) {
        rows.insert(rows.end(), work.block.rows.begin(), work.block.rows.end());
        if (rows.size() < pending_limit) return;
        combine(rows);
        pending_limit = std::max(kPendingRows, rows.size() * 2);
      });
  combine(rows);
  return std::make_unique<FlatSums>(sums.tasks(), std::move(rows));
}

}  // namespace billing
