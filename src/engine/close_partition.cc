#include "engine/close_partition.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <type_traits>

#include "base/prefetch.h"
#include "engine/packed_sum.h"
#include "engine/record.h"

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

/// Adds `more` to `sum`; false, and nothing done, where the form cannot hold the result.
bool add_to(WideRecord& sum, const WideRecord& more) {
  std::int64_t quantity = 0;
  if (__builtin_add_overflow(sum.quantity, more.quantity, &quantity)) return false;
  sum.quantity = quantity;
  sum.extra += more.extra;
  return true;
}
bool add_to(CompactRecord& sum, const CompactRecord& more) {
  const std::uint64_t calls = std::uint64_t{sum.extra()} + more.extra();
  const std::int64_t quantity = std::int64_t{sum.quantity()} + more.quantity();
  if (!CompactRecord::fits(0, calls, quantity, 0)) return false;
  sum = CompactRecord(sum.when(), calls, quantity, sum.task(), sum.user());
  return true;
}

bool fits_compact(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p) {
  const auto has_wide = [p](const auto& meter) { return meter->partitions[p].wide.size() > 0; };
  return tasks.names.size() <= CompactRecord::kTasks &&
         std::none_of(parts.meters.begin(), parts.meters.end(), has_wide);
}

bool is_before(const CompactRecord& r, const TaskOrder::PlacedKey& key) {
  return r.when() != key.cycle ? r.when() < key.cycle : r.task() < key.rank;
}
bool is_before(const WideRecord& r, const TaskOrder::PlacedKey& key) {
  return r.when != key.cycle ? r.when < key.cycle : r.task < key.rank;
}
bool has_key(const CompactRecord& r, const TaskOrder::PlacedKey& key) {
  return r.when() == key.cycle && r.task() == key.rank;
}
bool has_key(const WideRecord& r, const TaskOrder::PlacedKey& key) {
  return r.when == key.cycle && r.task == key.rank;
}

template <class Record>
Record make_record(const TaskOrder::PlacedKey& key, std::uint64_t sum, std::uint32_t user) {
  const std::uint64_t calls = PackedSum::calls_of(sum);
  const std::int64_t quantity = PackedSum::quantity_of(sum);
  if constexpr (std::is_same_v<Record, WideRecord>) {
    return {key.cycle, calls, quantity, key.rank, user};
  } else {
    return {static_cast<std::uint64_t>(key.cycle), calls, quantity, key.rank, user};
  }
}

/// How many sums of a user stand beside the name and have not the key of one of the user's records,
/// which are in order.
template <class Record>
std::uint64_t sums_beside(const TaskOrder& tasks, const Name* user, std::span<Record> records) {
  std::uint64_t count = 0;
  tasks.for_each_sum_beside(user, [&](const TaskOrder::PlacedKey& key, std::uint64_t) {
    const auto at = std::lower_bound(
        records.begin(), records.end(), key,
        [](const Record& r, const TaskOrder::PlacedKey& wanted) { return is_before(r, wanted); });
    count += at == records.end() || !has_key(*at, key);
  });
  return count;
}

/// Adds up neighbours with equal keys in place and moves the end. False where a sum does not fit
/// into compact records; wide ones that together leave 64 bits stay apart until rows are made of
/// them.
template <class Record>
bool combine_records(Record* begin, Record*& end) {
  bool fits = true;
  end = combine_neighbours(begin, end, [&fits](Record& sum, const Record& more) {
    if (!same_key(sum, more)) return false;
    if (add_to(sum, more)) return true;
    fits &= std::is_same_v<Record, WideRecord>;
    return false;
  });
  return fits;
}

/// A table of sums must fit the L2 cache beside the records, and not be mostly empty.
constexpr std::uint64_t kMaxTableSums = 64 * 1024;
constexpr std::uint64_t kMaxSumsPerRecord = 4;

}  // namespace

/// The sums that records of a partition may be part of, as a table:
///
///     user 0 | cycle 7: task 0, task 1, ... | cycle 8: task 0, task 1, ... | ...
///     user 1 | ...
///
/// from the lowest cycle that a record has to the highest.
struct PartitionCloser::SumTable {
  std::uint64_t lowest_cycle;
  std::uint64_t highest_cycle;
  std::uint64_t tasks;

  std::uint64_t sums_of_user() const { return (highest_cycle - lowest_cycle + 1) * tasks; }
  std::uint64_t place_of(std::uint64_t user, std::uint64_t cycle, std::uint64_t task) const {
    return user * sums_of_user() + (cycle - lowest_cycle) * tasks + task;
  }
};

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
/// place the keys alike. A sum that grows too large becomes a record.
void PartitionCloser::fold_name_sums(Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p) {
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    MeterUsage& meter = *parts.meters[m];
    for (const auto& [number, hash] : numbered_[m]) {
      const NameSums& from = NameSums::beside(meter.users.name(number));
      NameSums& target = NameSums::beside(*users_[user_indexes_[m][number]]);
      if (&from == &target) continue;
      for (const TaskOrder::PlacedKey& key : tasks.beside_names) {
        const std::uint64_t full = PackedSum::add(target.sums[key.place], from.sums[key.place]);
        if (full == 0) continue;
        const auto& rank_of = tasks.rank_of[m];
        const auto task = std::find(rank_of.begin(), rank_of.end(), key.rank) - rank_of.begin();
        // On a page of this closer: those of the meter belong to all partitions.
        meter.partitions[p].wide.append(
            {key.cycle, PackedSum::calls_of(full), PackedSum::quantity_of(full),
             static_cast<std::uint32_t>(task), number},
            pages_);
      }
    }
  }
}

/// Calls `visit(index in users_, rank of the task, record)` for each of the partition's records.
template <class Record, class Visit>
void PartitionCloser::for_each_record(const Usage::Parts& parts, const TaskOrder& tasks,
                                      std::uint32_t p, const Visit& visit) const {
  for (std::size_t m = 0; m < parts.meters.size(); ++m) {
    const PartitionRecords& from = parts.meters[m]->partitions[p];
    const std::uint32_t* const indexes = user_indexes_[m].get();
    const std::uint32_t* const rank_of = tasks.rank_of[m].data();
    from.compact.for_each(
        [&](const CompactRecord& r) { visit(indexes[r.user()], rank_of[r.task()], r); });
    if constexpr (std::is_same_v<Record, WideRecord>) {
      from.wide.for_each([&](const WideRecord& r) { visit(indexes[r.user], rank_of[r.task], r); });
    }
  }
}

/// The table for a partition of compact records; none where it would be large, or mostly empty.
std::optional<PartitionCloser::SumTable> PartitionCloser::table_for(const Usage::Parts& parts,
                                                                    const TaskOrder& tasks,
                                                                    std::uint32_t p) const {
  std::uint64_t count = 0;
  for (const auto& meter : parts.meters) count += meter->partitions[p].compact.size();
  const std::uint64_t max_sums = std::min(kMaxTableSums, count * kMaxSumsPerRecord);
  if (count == 0 || tasks.names.size() > max_sums / users_.size()) return std::nullopt;
  SumTable table{std::numeric_limits<std::uint32_t>::max(), 0, tasks.names.size()};
  for (const auto& meter : parts.meters) {
    meter->partitions[p].compact.for_each([&table](const CompactRecord& r) {
      table.lowest_cycle = std::min<std::uint64_t>(table.lowest_cycle, r.when());
      table.highest_cycle = std::max<std::uint64_t>(table.highest_cycle, r.when());
    });
  }
  if (table.sums_of_user() > max_sums / users_.size()) return std::nullopt;
  return table;
}

/// Adds up sums of few keys in a table: no record is moved, none compared. False, and nothing done,
/// where there is no table or a sum is too large for a compact record.
bool PartitionCloser::close_in_table(const Usage::Parts& parts, const TaskOrder& tasks,
                                     std::uint32_t p, ClosedPartition& result) {
  const std::optional<SumTable> table = table_for(parts, tasks, p);
  if (!table) return false;
  sums_.assign(users_.size() * table->sums_of_user(), 0);
  bool fits = true;
  for_each_record<CompactRecord>(
      parts, tasks, p, [&](std::uint32_t user, std::uint32_t rank, const CompactRecord& r) {
        fits &= PackedSum::add(sums_[table->place_of(user, r.when(), rank)],
                               PackedSum::sum_of(r.extra(), r.quantity())) == 0;
      });
  for (const std::uint64_t sum : sums_) {
    fits &= CompactRecord::fits(0, PackedSum::calls_of(sum), PackedSum::quantity_of(sum), 0);
  }
  if (!fits) return false;

  const std::uint64_t* sum = sums_.data();
  for (std::uint32_t user = 0; user < users_.size(); ++user) {
    const std::uint64_t begin = result.compact.size();
    for (std::uint64_t cycle = table->lowest_cycle; cycle <= table->highest_cycle; ++cycle) {
      for (std::uint32_t task = 0; task < table->tasks; ++task, ++sum) {
        if (*sum == 0) continue;
        result.compact.append(CompactRecord(cycle, PackedSum::calls_of(*sum),
                                            PackedSum::quantity_of(*sum), task, user),
                              pages_);
      }
    }
    const std::uint64_t rows = result.compact.size() - begin;
    if (rows > 0) result.users.push_back({users_[user], begin, rows});
  }
  return true;
}

/// Puts events in order in their packed form. False, and nothing done, where that cannot hold them.
bool PartitionCloser::close_packed(const Usage::Parts& parts, const TaskOrder& tasks,
                                   std::uint32_t p, ClosedPartition& result) {
  EventWidths widths;
  ends_.assign(users_.size() + 1, 0);
  for_each_record<CompactRecord>(parts, tasks, p,
                                 [&](std::uint32_t user, std::uint32_t, const CompactRecord& r) {
                                   ++ends_[user + 1];
                                   widths.add(r);
                                 });
  const std::optional<PackedForm> form = PackedForm::holding(widths, tasks.names.size());
  if (!form) return false;
  result.packed_form = *form;
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  packed_.resize(ends_.back());
  for_each_record<CompactRecord>(
      parts, tasks, p, [&](std::uint32_t user, std::uint32_t rank, const CompactRecord& r) {
        packed_[ends_[user]++] = form->pack(r, rank);
      });

  std::uint64_t begin = 0;
  for (std::size_t user = 0; user < users_.size(); ++user) {
    const std::uint64_t end = ends_[user];
    if (begin == end) continue;
    sorter_.sort(packed_.data() + begin, packed_.data() + end);
    result.users.push_back({users_[user], begin, end - begin});
    for (; begin < end; ++begin) result.packed.append(packed_[begin], pages_);
  }
  return true;
}

/// Users with so many records that they are read in several blocks have the sums beside their names
/// turned into records, too. Makes room for these; false where the record's form cannot hold one.
template <class Record>
bool PartitionCloser::count_sums_to_move(const TaskOrder& tasks) {
  users_to_move_.clear();
  if (tasks.beside_names.empty()) return true;
  bool fits = true;
  for (std::uint32_t user = 0; user < users_.size(); ++user) {
    if (ends_[user + 1] <= kMaxUncutRows) continue;
    users_to_move_.push_back(user);
    tasks.for_each_sum_beside(users_[user],
                              [&](const TaskOrder::PlacedKey& key, std::uint64_t sum) {
                                ++ends_[user + 1];
                                fits &= std::is_same_v<Record, WideRecord> ||
                                        CompactRecord::fits(key.cycle, PackedSum::calls_of(sum),
                                                            PackedSum::quantity_of(sum), key.rank);
                              });
  }
  return fits;
}

template <class Record>
bool PartitionCloser::close_as(const Usage::Parts& parts, const TaskOrder& tasks, std::uint32_t p,
                               std::vector<Record>& grouped, ClosedPartition& result,
                               PagedRecords<Record>& records) {
  const bool events = keeps_events(parts.options);
  // A counting sort by user.
  ends_.assign(users_.size() + 1, 0);
  for_each_record<Record>(
      parts, tasks, p, [&](std::uint32_t user, std::uint32_t, const auto&) { ++ends_[user + 1]; });
  if (!count_sums_to_move<Record>(tasks)) return false;
  for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
  grouped.resize(ends_.back());
  const Converter convert{events ? kEventTimeUnitNs : 1};
  for_each_record<Record>(parts, tasks, p,
                          [&](std::uint32_t user, std::uint32_t rank, const auto& record) {
                            convert(record, rank, user, grouped[ends_[user]++]);
                          });
  for (const std::uint32_t user : users_to_move_) {
    tasks.for_each_sum_beside(users_[user],
                              [&](const TaskOrder::PlacedKey& key, std::uint64_t sum) {
                                grouped[ends_[user]++] = make_record<Record>(key, sum, user);
                              });
  }

  auto moved = users_to_move_.begin();
  std::uint64_t begin = 0;
  for (std::size_t user = 0; user < users_.size(); ++user) {
    Record* const first = grouped.data() + begin;
    Record* last = grouped.data() + ends_[user];
    begin = ends_[user];
    if (first < last) sorter_.sort(first, last);
    if (!events && !combine_records(first, last)) return false;
    std::uint64_t rows = static_cast<std::uint64_t>(last - first);
    if (moved != users_to_move_.end() && *moved == user) {
      ++moved;
    } else {
      rows += sums_beside(tasks, users_[user], std::span(first, last));
    }
    if (rows == 0) continue;
    result.users.push_back({users_[user], records.size(), rows});
    for (const Record* record = first; record < last; ++record) records.append(*record, pages_);
  }
  // Only now: where this form does not fit, the other one needs them.
  for (const std::uint32_t user : users_to_move_) NameSums::beside(*users_[user]).sums.fill(0);
  return true;
}

ClosedPartition PartitionCloser::close(Usage::Parts& parts, const TaskOrder& tasks,
                                       std::uint32_t p) {
  unify_users(parts, p);
  ClosedPartition result;
  result.users.reserve(users_.size());
  if (parts.has_name_sums()) fold_name_sums(parts, tasks, p);
  bool wide = !fits_compact(parts, tasks, p);
  bool closed = false;
  if (!wide && keeps_events(parts.options)) {
    closed = close_packed(parts, tasks, p, result);
  } else if (!wide && !parts.has_name_sums()) {
    closed = close_in_table(parts, tasks, p, result);
  }
  if (!wide && !closed && !close_as(parts, tasks, p, compact_, result, result.compact)) {
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
