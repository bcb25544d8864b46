#include "engine/cycle_numberer.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "engine/combine_neighbours.h"

namespace billing {
namespace {

/// Sums of one cycle that may come together before those of one task are added up.
constexpr std::size_t kPendingSums = 4096;

}  // namespace

void CycleNumberer::begin_user(std::string_view user, std::uint64_t first_row) {
  const bool goes_on = first_row > 0 && calls_ > 0;
  if (numbering_.calls_per_cycle > 0 && !goes_on) {
    finish();
    cycle_ = static_cast<std::int64_t>(first_row / numbering_.calls_per_cycle) + 1;
  }
  if (numbering_.keeps_users) user_ = user;
}

void CycleNumberer::add(std::span<const UsageRow> rows) {
  if (numbering_.calls_per_cycle > 0) {
    for (const UsageRow& row : rows) add_event(row);
  } else {
    for (const UsageRow& row : rows)
      rows_->push_back({user_, row.when, row.task, row.extra, row.quantity});
  }
}

void CycleNumberer::add_event(const UsageRow& row) {
  if (calls_ == 0) {
    first_ = rows_->size();
    pending_limit_ = kPendingSums;
  }
  if (row.task < kFirstTasks) {
    TaskSum& sum = first_tasks_[row.task];
    ++sum.calls;
    sum.quantity += row.quantity;
    used_tasks_ |= std::uint64_t{1} << row.task;
  } else {
    rows_->push_back({user_, cycle_, row.task, 1, row.quantity});
  }
  if (++calls_ == numbering_.calls_per_cycle) return end_cycle();
  if (rows_->size() - first_ < pending_limit_) return;
  combine_tasks();
  pending_limit_ = std::max(kPendingSums, (rows_->size() - first_) * 2);
}

void CycleNumberer::finish() {
  if (calls_ > 0) end_cycle();
}

void CycleNumberer::end_cycle() {
  const bool has_later_tasks = rows_->size() > first_;
  for (; used_tasks_ != 0; used_tasks_ &= used_tasks_ - 1) {
    const auto task = static_cast<std::uint32_t>(std::countr_zero(used_tasks_));
    const TaskSum sum = std::exchange(first_tasks_[task], TaskSum{});
    rows_->push_back({user_, cycle_, task, sum.calls, sum.quantity});
  }
  if (has_later_tasks) combine_tasks();
  ++cycle_;
  calls_ = 0;
}

void CycleNumberer::continue_in(std::vector<Sum>& rows, std::string_view user) {
  rows_ = &rows;
  user_ = user;
  first_ = 0;
}

/// Brings the sums of the cycle into the order of tasks and adds up those of one task.
void CycleNumberer::combine_tasks() {
  Sum* const begin = rows_->data() + first_;
  Sum* const end = rows_->data() + rows_->size();
  std::sort(begin, end, [](const Sum& a, const Sum& b) { return a.task < b.task; });
  const Sum* const new_end = combine_neighbours(begin, end, [](Sum& sum, const Sum& more) {
    if (sum.task != more.task) return false;
    sum.calls += more.calls;
    sum.quantity += more.quantity;
    return true;
  });
  rows_->resize(static_cast<std::size_t>(new_end - rows_->data()));
}

}  // namespace billing
