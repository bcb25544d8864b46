#include "engine/close_partition.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/prefetch.h"
#include "billing/sums.h"

namespace billing {
namespace {

/// The record with the task's rank instead of its number, as the form that the partition takes.
struct Converter {
  std::int64_t when_unit;

  void operator()(const CompactRecord& from, std::uint32_t rank, std::uint32_t user,
                  CompactRecord& to) const {
    to = CompactRecord(from.when(), from.extra(), from.quantity(), rank, user);
  }
  void operator()(const CompactRecord& from, std::uint32_t rank, std::uint32_t user,
                  WideRecord& to) const {
    (*this)(widen(from, when_unit), rank, user, to);
  }
  void operator()(const WideRecord& from, std::uint32_t rank, std::uint32_t user,
                  CompactRecord& to) const {
    to =
        CompactRecord(static_cast<std::uint64_t>(from.when), from.extra, from.quantity, rank, user);
  }
  void operator()(const WideRecord& from, std::uint32_t rank, std::uint32_t user,
                  WideRecord& to) const {
    to = {from.when, from.extra, from.quantity, rank, user};
  }
};

bool same_key(const CompactRecord& a, const CompactRecord& b) {
  return a.when() == b.when() && a.task() == b.task();
}
bool same_key(const WideRecord& a, const WideRecord& b) {
  return a.when == b.when && a.task == b.task;
}

/// Adds `more` to `sum`; false where the form cannot hold the result.
bool add_to(WideRecord& sum, const WideRecord& more) {
  sum.extra += more.extra;
  sum.quantity = add_saturating(sum.quantity, more.quantity);
  return true;
}
bool add_to(CompactRecord& sum, const CompactRecord& more) {
  const std::uint64_t calls = std::uint64_t{sum.extra()} + more.extra();
  const std::uint64_t quantity = std::uint64_t{sum.quantity()} + more.quantity();
  if (!CompactRecord::fits(0, calls, quantity, 0)) return false;
  sum = CompactRecord(sum.when(), calls, quantity, sum.task(), sum.user());
  return true;
}

/// Whether the sums of all meters fit beside one name; see fold_task_sums().
bool can_fold(const MeterOptions& options, const TaskOrder& tasks) {
  return keeps_task_sums(options) && tasks.names.size() <= TaskSums::kTasks;
}

/// Adds up neighbours with equal keys in place. Returns the new end, or null where the form cannot
/// hold a sum.
template <class Record>
Record* combine_records(Record* begin, Record* end) {
  Record* last = begin;
  for (Record* next = begin + 1; next < end; ++next) {
    if (!same_key(*last, *next)) {
      *++last = *next;
    } else if (!add_to(*last, *next)) {
      return nullptr;
    }
  }
  return last + 1;
}

}  // namespace

void PartitionCloser::unify_users(const Usage::Parts& parts, std::uint32_t p) {
  users_.clear();
  numbered_.assign(parts.meters.size(), {});
  if (!keeps_users(parts.options)) {
    users_.push_back(nullptr);
    return;
  }
  std::size_t names = 0;
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    NameTable& table = parts.meters[m]->users;
    table.for_each(p, [&](std::uint32_t number, std::uint32_t hash) {
      numbered_[m].push_back({number, hash});
      prefetch(table.row(number));
    });
    names += numbered_[m].size();
  }
  lookup_.assign(std::bit_ceil(names * 2 + 1), 0);
  const std::size_t mask = lookup_.size() - 1;
  const unsigned used_bits = parts.options.partition_bits;

  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    for (const auto& [number, hash] : numbered_[m]) {
      Name& name = parts.meters[m]->users.name(number);
      // The top bits are the partition's, so the next ones choose the place.
      std::size_t at = (std::uint64_t{hash << used_bits} * lookup_.size()) >> 32;
      while (lookup_[at] != 0 && !(*users_[lookup_[at] - 1] == name)) at = (at + 1) & mask;
      if (lookup_[at] == 0) {
        users_.push_back(&name);
        lookup_[at] = static_cast<std::uint32_t>(users_.size());
      }
      user_indexes_[m][number] = lookup_[at] - 1;
    }
  }
}

/// Brings the sums that stand beside names into the order of ranks, and those of one user together
/// beside the name in users_. A sum that grows too large becomes a record. Not done for more tasks
/// than a row has sums: then they all become records.
void PartitionCloser::fold_task_sums(Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p) {
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    MeterUsage& meter = *parts.meters[m];
    const std::vector<std::uint32_t>& rank_of = tasks.rank_of[m];
    for (const auto& [number, hash] : numbered_[m]) {
      TaskSums& row = TaskSums::beside(meter.users.name(number));
      const auto by_number = std::exchange(row.sums, {});
      TaskSums& target = TaskSums::beside(*users_[user_indexes_[m][number]]);
      for (std::uint32_t task = 0; task < rank_of.size(); ++task) {
        const std::uint64_t full = TaskSums::add(target.sums[rank_of[task]], by_number[task]);
        if (full == 0) continue;
        // On a page of this closer: those of the meter belong to all partitions.
        meter.partitions[p].wide.append(
            {0, TaskSums::calls_of(full), TaskSums::quantity_of(full), task, number}, pages_);
      }
    }
  }
}

/// Calls `visit(user index, rank, WideRecord)` for each sum that stands beside a name.
template <class Visit>
void PartitionCloser::for_each_task_sum(const Usage::Parts& parts, const TaskOrder& tasks,
                                        const Visit& visit) const {
  if (!keeps_task_sums(parts.options)) return;
  const bool folded = can_fold(parts.options, tasks);
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    for (const NumberedHash& user : numbered_[m]) {
      const TaskSums& row = TaskSums::beside(parts.meters[m]->users.name(user.number));
      row.for_each([&](std::uint32_t task, std::uint64_t calls, std::uint64_t quantity) {
        visit(user_indexes_[m][user.number], folded ? task : tasks.rank_of[m][task],
              WideRecord{0, calls, quantity, task, user.number});
      });
    }
  }
}

bool PartitionCloser::fits_compact(const Usage::Parts& parts, const TaskOrder& tasks,
                                   std::uint32_t p) const {
  bool fits = tasks.names.size() <= std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1;
  for (const auto& meter : parts.meters) fits &= meter->partitions[p].wide.size() == 0;
  for_each_task_sum(parts, tasks, [&fits](std::uint32_t, std::uint32_t, const WideRecord& sum) {
    fits &= CompactRecord::fits(sum.when, sum.extra, sum.quantity, sum.task);
  });
  return fits;
}

template <class Record>
bool PartitionCloser::close_as(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p,
                               std::vector<Record>& grouped, ClosedPartition& result,
                               PagedRecords<Record>& records) {
  constexpr bool kWide = std::is_same_v<Record, WideRecord>;
  const bool events = keeps_events(parts.options);
  const auto for_each_record = [&](const auto& visit) {
    for (std::size_t m = 0; m < parts.meters.size(); ++m) {
      const PartitionRecords& from = parts.meters[m]->partitions[p];
      const std::uint32_t* const indexes = user_indexes_[m].get();
      const std::vector<std::uint32_t>& rank_of = tasks.rank_of[m];
      from.compact.for_each(
          [&](const CompactRecord& r) { visit(indexes[r.user()], rank_of[r.task()], r); });
      if constexpr (kWide) {
        from.wide.for_each(
            [&](const WideRecord& r) { visit(indexes[r.user], rank_of[r.task], r); });
      }
    }
    for_each_task_sum(parts, tasks, visit);
  };

  // A counting sort by user.
  ends_.assign(users_.size() + 1, 0);
  for_each_record([&](std::uint32_t user, std::uint32_t, const auto&) { ++ends_[user + 1]; });
  for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
  grouped.resize(ends_.back());
  const Converter convert{events ? kEventTimeUnitNs : 1};
  for_each_record([&](std::uint32_t user, std::uint32_t rank, const auto& record) {
    convert(record, rank, user, grouped[ends_[user]++]);
  });

  std::uint64_t begin = 0;
  for (std::size_t user = 0; user < users_.size(); ++user) {
    Record* const first = grouped.data() + begin;
    Record* last = grouped.data() + ends_[user];
    begin = ends_[user];
    if (first == last) continue;
    sorter_.sort(first, last);
    if (!events) last = combine_records(first, last);
    if (last == nullptr) return false;
    result.users.push_back(
        {users_[user], records.size(), static_cast<std::uint64_t>(last - first)});
    for (const Record* record = first; record < last; ++record) records.append(*record, pages_);
  }
  return true;
}

ClosedPartition PartitionCloser::close(Usage::Parts& parts, const TaskOrder& tasks,
                                       std::uint32_t p) {
  unify_users(parts, p);
  ClosedPartition result;
  result.users.reserve(users_.size());
  if (keeps_users(parts.options)) {
    for (const Name* user : users_) result.name_bits.add(*user);
  }
  if (can_fold(parts.options, tasks)) {
    fold_task_sums(parts, tasks, p);
    const auto has_records = [p](const auto& meter) { return meter->partitions[p].size() > 0; };
    if (std::none_of(parts.meters.begin(), parts.meters.end(), has_records)) {
      result.in_task_sums = true;
      for (const Name* user : users_)
        result.users.push_back({user, 0, TaskSums::beside(*user).count()});
      return result;
    }
  }
  bool wide = !fits_compact(parts, tasks, p);
  if (!wide && !close_as(parts, tasks, p, compact_, result, result.compact)) {
    wide = true;
    result.users.clear();
    result.compact.release(pages_);
  }
  if (wide) close_as(parts, tasks, p, wide_, result, result.wide);
  for (const auto& meter : parts.meters) {
    meter->partitions[p].compact.release(pages_);
    meter->partitions[p].wide.release(pages_);
  }
  return result;
}

}  // namespace billing
