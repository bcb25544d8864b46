#include "engine/close_partition.h"

#include <algorithm>
#include <bit>
#include <span>
#include <type_traits>

#include "base/prefetch.h"
#include "billing/sums.h"
#include "engine/combine_neighbours.h"

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

bool fits_compact(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p) {
  const auto has_wide = [p](const auto& meter) { return meter->partitions[p].wide.size() > 0; };
  return tasks.names.size() <= CompactRecord::kTasks &&
         std::none_of(parts.meters.begin(), parts.meters.end(), has_wide);
}

std::uint32_t rank_of(const CompactRecord& r) { return r.task(); }
std::uint32_t rank_of(const WideRecord& r) { return r.task; }

/// How many sums of a user stand beside the name and are not of a task of the user's records, which
/// are in order.
template <class Record>
std::uint64_t sums_beside(const TaskOrder& tasks, const Name* user, std::span<Record> records) {
  std::uint64_t count = 0;
  tasks.for_each_sum_beside(user, [&](std::uint32_t rank, std::uint64_t) {
    const auto at = std::lower_bound(
        records.begin(), records.end(), rank,
        [](const Record& record, std::uint32_t task) { return rank_of(record) < task; });
    count += at == records.end() || rank_of(*at) != rank;
  });
  return count;
}

/// Adds up neighbours with equal keys in place and moves the end. False where the form cannot hold
/// a sum.
template <class Record>
bool combine_records(Record* begin, Record*& end) {
  bool fits = true;
  end = combine_neighbours(begin, end, [&fits](Record& sum, const Record& more) {
    if (!same_key(sum, more)) return false;
    fits &= add_to(sum, more);
    return true;
  });
  return fits;
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

/// Brings the sums beside the names of one user together beside the name in users_: all meters
/// number the tasks alike. A sum that grows too large becomes a record.
void PartitionCloser::fold_task_sums(Usage::Parts& parts, std::uint32_t p) {
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    MeterUsage& meter = *parts.meters[m];
    for (const auto& [number, hash] : numbered_[m]) {
      const TaskSums& from = TaskSums::beside(meter.users.name(number));
      TaskSums& target = TaskSums::beside(*users_[user_indexes_[m][number]]);
      if (&from == &target) continue;
      for (std::uint32_t task = 0; task < TaskSums::kTasks; ++task) {
        const std::uint64_t full = TaskSums::add(target.sums[task], from.sums[task]);
        if (full == 0) continue;
        // On a page of this closer: those of the meter belong to all partitions.
        meter.partitions[p].wide.append(
            {0, TaskSums::calls_of(full), TaskSums::quantity_of(full), task, number}, pages_);
      }
    }
  }
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
    if (first < last) sorter_.sort(first, last);
    if (!events && !combine_records(first, last)) return false;
    const std::uint64_t rows = static_cast<std::uint64_t>(last - first) +
                               sums_beside(tasks, users_[user], std::span(first, last));
    if (rows == 0) continue;
    result.users.push_back({users_[user], records.size(), rows});
    for (const Record* record = first; record < last; ++record) records.append(*record, pages_);
  }
  return true;
}

ClosedPartition PartitionCloser::close(Usage::Parts& parts, const TaskOrder& tasks,
                                       std::uint32_t p) {
  unify_users(parts, p);
  ClosedPartition result;
  result.users.reserve(users_.size());
  if (keeps_task_sums(parts.options)) fold_task_sums(parts, p);
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
