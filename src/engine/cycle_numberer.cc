#include "engine/cycle_numberer.h"

#include <algorithm>
#include <span>

#include "engine/combine_neighbours.h"

namespace billing {
namespace {

/// Sums of one cycle that may come together before those of one task are added up.
constexpr std::size_t kPendingSums = 4096;

/// Sums among which an event is looked for when it comes.
constexpr std::size_t kFewSums = 8;

void add_to(Sum& sum, std::uint64_t calls, std::uint64_t quantity) {
  sum.calls += calls;
  sum.quantity = add_saturating(sum.quantity, quantity);
}

}  // namespace

void CycleNumberer::begin_user(std::string_view user, std::uint64_t first_row) {
  if (numbering_.keeps_users) user_ = user;
  if (numbering_.calls_per_cycle == 0 || (first_row > 0 && calls_ > 0)) return;
  finish();
  cycle_ = static_cast<std::int64_t>(first_row / numbering_.calls_per_cycle) + 1;
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
  if (!add_to_few(row)) rows_->push_back({user_, cycle_, row.task, 1, row.quantity});
  if (++calls_ == numbering_.calls_per_cycle) return end_cycle();
  if (rows_->size() - first_ < pending_limit_) return;
  combine_tasks();
  pending_limit_ = std::max(kPendingSums, (rows_->size() - first_) * 2);
}

/// Adds an event to the cycle's sum of its task, if sums are few and it is among them.
bool CycleNumberer::add_to_few(const UsageRow& row) {
  const std::span<Sum> open = std::span(*rows_).subspan(first_);
  if (open.size() > kFewSums) return false;
  const auto same_task = [&row](const Sum& sum) { return sum.task == row.task; };
  const auto sum = std::find_if(open.begin(), open.end(), same_task);
  if (sum == open.end()) return false;
  add_to(*sum, 1, row.quantity);
  return true;
}

void CycleNumberer::finish() {
  if (calls_ > 0) end_cycle();
}

void CycleNumberer::end_cycle() {
  combine_tasks();
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
    add_to(sum, more.calls, more.quantity);
    return true;
  });
  rows_->resize(static_cast<std::size_t>(new_end - rows_->data()));
}

}  // namespace billing
