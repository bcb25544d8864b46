#include "engine/close_partition.h"

#include <oneapi/tbb/parallel_sort.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "billing/sums.h"

namespace billing {
namespace {

/// A user with more records than this is worth the threads of a parallel sort.
constexpr std::size_t kParallelSortRecords = 1 << 17;

template <class Record>
void sort_records(Record* begin, Record* end) {
  const auto count = static_cast<std::size_t>(end - begin);
  if (std::is_sorted(begin, end)) return;  // logs often come in the order of time
  if (count >= kParallelSortRecords) {
    // Isolated: a thread that waits here must not start on another partition with its scratch
    // space.
    tbb::this_task_arena::isolate([begin, end] { tbb::parallel_sort(begin, end); });
  } else {
    std::sort(begin, end);
  }
}

/// The record with the task's rank instead of its number, as the form that the partition takes.
struct Converter {
  const std::vector<std::uint32_t>& rank_of;
  std::int64_t when_unit;

  void operator()(const CompactRecord& from, std::uint32_t user, CompactRecord& to) const {
    to = CompactRecord(from.when(), from.extra(), from.quantity(), rank_of[from.task()], user);
  }
  void operator()(const CompactRecord& from, std::uint32_t user, WideRecord& to) const {
    (*this)(widen(from, when_unit), user, to);
  }
  void operator()(const WideRecord& from, std::uint32_t user, CompactRecord& to) const {
    to = CompactRecord(static_cast<std::uint64_t>(from.when), from.extra, from.quantity,
                       rank_of[from.task], user);
  }
  void operator()(const WideRecord& from, std::uint32_t user, WideRecord& to) const {
    to = {from.when, from.extra, from.quantity, rank_of[from.task], user};
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

/// Adds up neighbours with equal keys in place. Returns the new end, or null where the form cannot
/// hold a sum.
template <class Record>
Record* combine_sorted(Record* begin, Record* end) {
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
  numbers_.assign(parts.meters.size(), {});
  if (!keeps_users(parts.options)) {
    users_.push_back(nullptr);
    return;
  }
  std::size_t names = 0;
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    parts.meters[m]->users.for_each(
        p, [&](const NameSlot& slot) { numbers_[m].push_back(slot.number); });
    names += numbers_[m].size();
  }
  lookup_.assign(std::bit_ceil(names * 2 + 1), 0);
  const std::size_t mask = lookup_.size() - 1;
  const unsigned used_bits = parts.options.partition_bits;

  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    parts.meters[m]->users.for_each(p, [&](const NameSlot& slot) {
      // The top bits are the partition's, so the next ones choose the place.
      std::size_t at = (std::uint64_t{slot.hash << used_bits} * lookup_.size()) >> 32;
      while (lookup_[at] != 0 && !users_[lookup_[at] - 1]->same_name(slot)) at = (at + 1) & mask;
      if (lookup_[at] == 0) {
        users_.push_back(&slot);
        lookup_[at] = static_cast<std::uint32_t>(users_.size());
      }
      user_indexes_[m][slot.number] = lookup_[at] - 1;
    });
  }
}

template <class Visit>
void PartitionCloser::for_each_task_sum(const MeterUsage& meter, std::size_t m,
                                        const Visit& visit) const {
  for (const std::uint32_t number : numbers_[m]) meter.task_sums.for_each(number, visit);
}

bool PartitionCloser::fits_compact(const Usage::Parts& parts, const TaskOrder& tasks,
                                   std::uint32_t p) const {
  bool fits = tasks.names.size() <= std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1;
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    fits &= parts.meters[m]->partitions[p].wide.size() == 0;
    for_each_task_sum(*parts.meters[m], m, [&fits](const WideRecord& sum) {
      fits &= CompactRecord::fits(sum.when, sum.extra, sum.quantity, sum.task);
    });
  }
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
      const std::vector<std::uint32_t>& indexes = user_indexes_[m];
      from.compact.for_each([&](const CompactRecord& r) { visit(m, indexes[r.user()], r); });
      if constexpr (kWide) {
        from.wide.for_each([&](const WideRecord& r) { visit(m, indexes[r.user], r); });
      }
      for_each_task_sum(*parts.meters[m], m,
                        [&](const WideRecord& r) { visit(m, indexes[r.user], r); });
    }
  };

  // A counting sort by user.
  ends_.assign(users_.size() + 1, 0);
  for_each_record([&](std::size_t, std::uint32_t user, const auto&) { ++ends_[user + 1]; });
  for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
  grouped.resize(ends_.back());
  const std::int64_t when_unit = events ? kEventTimeUnitNs : 1;
  for_each_record([&](std::size_t m, std::uint32_t user, const auto& record) {
    Converter{tasks.rank_of[m], when_unit}(record, user, grouped[ends_[user]++]);
  });

  std::uint64_t begin = 0;
  for (std::size_t user = 0; user < users_.size(); ++user) {
    Record* const first = grouped.data() + begin;
    Record* last = grouped.data() + ends_[user];
    begin = ends_[user];
    if (first == last) continue;
    sort_records(first, last);
    if (!events) last = combine_sorted(first, last);
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
  bool wide = !fits_compact(parts, tasks, p);
  ClosedPartition result;
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
