#include "engine/sum_builder.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <span>
#include <tuple>
#include <utility>

#include "engine/record.h"

namespace billing {
namespace {

/// Sums of one group that may come together before those of one key are added up.
constexpr std::size_t kPendingSums = 4096;

/// For each part of `kept`, the part of `wanted` that it lies in.
std::vector<std::uint32_t> wanted_parts(const UsageKey& kept, const UsageKey& wanted) {
  std::vector<std::uint32_t> parts{0};
  for (const std::int64_t split_ns : kept.splits_ns) parts.push_back(wanted.part_of(split_ns));
  return parts;
}

}  // namespace

SumBuilder::SumBuilder(const SumRules& rules, std::vector<Sum>& sums)
    : rules_(rules),
      groups_(rules.rows == RowKind::events || rules.kept.cycle != rules.wanted.cycle ||
              rules.kept.splits_ns != rules.wanted.splits_ns),
      calls_per_cycle_(rules.wanted.cycle ? rules.calls_per_cycle
                                          : std::numeric_limits<std::uint64_t>::max()),
      wanted_part_of_(wanted_parts(rules.kept, rules.wanted)),
      sums_(&sums),
      first_task_count_(rules.wanted.parts() == 1 ? kFirstTasks : 0) {}

void SumBuilder::begin_user(std::string_view user, std::uint64_t first_row) {
  const bool goes_on = first_row > 0 && calls_ > 0;
  if (groups_ && !goes_on) {
    finish();
    const bool numbers = rules_.rows == RowKind::events && rules_.wanted.cycle;
    cycle_ = numbers ? static_cast<std::int64_t>(first_row / calls_per_cycle_) + 1 : 0;
  }
  if (rules_.wanted.user) user_ = user;
}

void SumBuilder::add(std::span<const UsageRow> rows) {
  if (!groups_) return add_ungrouped(rows);
  rules_.rows == RowKind::events ? add_events(rows) : add_sums(rows);
}

void SumBuilder::add_ungrouped(std::span<const UsageRow> rows) {
  const std::size_t parts = rules_.kept.parts();
  if (parts == 1) {
    for (const UsageRow& row : rows)
      sums_->push_back({user_, row.when, row.task, row.extra, row.quantity});
    return;
  }
  for (const UsageRow& row : rows) {
    sums_->push_back({user_, cycle_of_period(row.when, parts), row.task, row.extra, row.quantity,
                      part_of_period(row.when, parts)});
  }
}

void SumBuilder::add_events(std::span<const UsageRow> rows) {
  const bool has_parts = !rules_.wanted.splits_ns.empty();
  for (const UsageRow& row : rows) {
    add_to_group(has_parts ? rules_.wanted.part_of(row.when) : 0, row.task, 1, row.quantity);
    if (calls_ == calls_per_cycle_) end_group();
  }
}

void SumBuilder::add_sums(std::span<const UsageRow> rows) {
  const std::size_t parts = rules_.kept.parts();
  for (const UsageRow& row : rows) {
    const std::int64_t cycle = rules_.wanted.cycle ? cycle_of_period(row.when, parts) : 0;
    if (calls_ > 0 && cycle != cycle_) end_group();
    cycle_ = cycle;
    add_to_group(wanted_part_of_[part_of_period(row.when, parts)], row.task, row.extra,
                 row.quantity);
  }
}

inline void SumBuilder::add_to_group(std::uint32_t part, std::uint32_t task, std::uint64_t calls,
                                     Int128 quantity) {
  if (calls_ == 0) begin_group();
  calls_ += calls;
  const auto small = static_cast<std::int64_t>(quantity);
  if (task < first_task_count_ && small == quantity) [[likely]] {
    TaskSum& sum = first_tasks_[task];
    std::int64_t more = 0;
    if (!__builtin_add_overflow(sum.quantity, small, &more)) [[likely]] {
      sum.calls += calls;
      sum.quantity = more;
      used_tasks_ |= std::uint64_t{1} << task;
      return;
    }
  }
  keep({user_, cycle_, task, calls, quantity, part});
}

void SumBuilder::begin_group() {
  first_ = sums_->size();
  pending_limit_ = kPendingSums;
}

void SumBuilder::keep(const Sum& sum) {
  sums_->push_back(sum);
  if (sums_->size() - first_ < pending_limit_) return;
  combine();
  pending_limit_ = std::max(kPendingSums, (sums_->size() - first_) * 2);
}

void SumBuilder::finish() {
  if (calls_ > 0) end_group();
}

void SumBuilder::end_group() {
  const bool has_later_tasks = sums_->size() > first_;
  for (; used_tasks_ != 0; used_tasks_ &= used_tasks_ - 1) {
    const auto task = static_cast<std::uint32_t>(std::countr_zero(used_tasks_));
    const TaskSum sum = std::exchange(first_tasks_[task], TaskSum{});
    sums_->push_back({user_, cycle_, task, sum.calls, sum.quantity});
  }
  if (has_later_tasks) combine();
  ++cycle_;
  calls_ = 0;
}

void SumBuilder::continue_in(std::vector<Sum>& sums, std::string_view user) {
  sums_ = &sums;
  user_ = user;
  first_ = 0;
}

/// Brings the sums of the group into the order of parts and tasks and adds up those of one key.
void SumBuilder::combine() {
  const auto key = [](const Sum& sum) { return std::tuple(sum.part, sum.task); };
  Sum* const begin = sums_->data() + first_;
  Sum* const end = sums_->data() + sums_->size();
  std::sort(begin, end, [&](const Sum& a, const Sum& b) { return key(a) < key(b); });
  const Sum* const new_end = combine_neighbours(begin, end, [&](Sum& sum, const Sum& more) {
    if (key(sum) != key(more)) return false;
    sum.calls += more.calls;
    sum.quantity += more.quantity;
    return true;
  });
  sums_->resize(static_cast<std::size_t>(new_end - sums_->data()));
}

}  // namespace billing
