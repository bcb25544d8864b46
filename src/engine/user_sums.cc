#include "engine/user_sums.h"

#include <algorithm>
#include <limits>

#include "base/prefetch.h"
#include "engine/combine_sums.h"
#include "engine/user_order.h"

namespace billing {
namespace {

/// Rows of a block, about: enough to be worth a task, few enough for the cache.
constexpr std::uint64_t kBlockRecords = 4096;

/// Rows of one cycle that may come together before those of one task are added up.
constexpr std::size_t kPendingRows = 4096;

/// Users between a prefetch and the use of what it fetched.
constexpr std::size_t kPrefetchUsers = 32;

constexpr std::uint64_t kAllRecords = std::numeric_limits<std::uint64_t>::max();

class UserSums final : public Sums {
 public:
  explicit UserSums(ClosedUsage usage)
      : usage_(std::move(usage)),
        calls_per_cycle_(keeps_events(usage_.parts->options)
                             ? usage_.parts->options.cycles->calls_per_cycle()
                             : 0),
        users_(order_users(usage_.partitions)) {
    cut_blocks();
  }

  const std::vector<std::string>& tasks() const override { return usage_.tasks.names; }
  std::size_t block_count() const override { return blocks_.size(); }

  void read_block(std::size_t block, std::vector<Sum>& rows) const override {
    rows.clear();
    const Block& b = blocks_[block];
    prefetch_users(b);
    for (std::size_t i = b.begin_user; i < b.end_user; ++i) {
      const UserKey& key = users_.keys[i];
      const ClosedPartition& partition = usage_.partitions[key.partition];
      const ClosedUser& user = partition.users[key.index];
      append_sums(partition, user, b.begin_record, std::min(b.end_record, user.count),
                  calls_per_cycle_, user.name->text(), rows);
    }
  }

 private:
  /// Some users, whole, or a part of one user.
  struct Block {
    std::size_t begin_user;
    std::size_t end_user;
    std::uint64_t begin_record;
    std::uint64_t end_record;
  };

  /// Users who follow each other in the order of names are strewn over memory.
  void prefetch_users(const Block& block) const {
    for (std::size_t i = block.begin_user; i < block.end_user; ++i) prefetch(&user_at(i));
    for (std::size_t i = block.begin_user; i < block.end_user; ++i) {
      const ClosedPartition& partition = usage_.partitions[users_.keys[i].partition];
      const ClosedUser& user = user_at(i);
      prefetch(user.name);
      if (partition.compact.size() > 0) prefetch(&partition.compact[user.begin]);
    }
  }

  const ClosedUser& user_at(std::size_t i) const {
    const UserKey& key = users_.keys[i];
    return usage_.partitions[key.partition].users[key.index];
  }

  void cut_blocks() {
    Block block{0, 0, 0, kAllRecords};
    std::uint64_t records = 0;
    const auto end_block = [&](std::size_t next_user) {
      if (block.begin_user < block.end_user) blocks_.push_back(block);
      block = {next_user, next_user, 0, kAllRecords};
      records = 0;
    };
    for (std::size_t i = 0; i < users_.size; ++i) {
      prefetch(&user_at(std::min(i + kPrefetchUsers, users_.size - 1)));
      const std::uint64_t count = user_at(i).count;
      if (count > kBlockRecords * 2 && usage_.parts->options.group_by.cycle) {
        end_block(i);
        cut_user(i, count);
        block.begin_user = block.end_user = i + 1;
        continue;
      }
      block.end_user = i + 1;
      records += count;
      if (records >= kBlockRecords) end_block(i + 1);
    }
    end_block(users_.size);
  }

  /// Cuts a user with many records at the borders of cycles.
  void cut_user(std::size_t i, std::uint64_t count) {
    const ClosedPartition& partition = usage_.partitions[users_.keys[i].partition];
    const std::uint64_t base = user_at(i).begin;
    for (std::uint64_t begin = 0; begin < count;) {
      const std::uint64_t end = next_border(partition, base, begin + kBlockRecords, count);
      blocks_.push_back({i, i + 1, begin, end});
      begin = end;
    }
  }

  std::uint64_t next_border(const ClosedPartition& partition, std::uint64_t base, std::uint64_t at,
                            std::uint64_t count) const {
    if (at >= count) return count;
    if (calls_per_cycle_ > 0) {
      const std::uint64_t cycles = (at - 1) / calls_per_cycle_ + 1;
      const bool beyond = cycles > count / calls_per_cycle_;
      return beyond ? count : cycles * calls_per_cycle_;
    }
    const auto when = [&](std::uint64_t record) {
      return partition.is_wide() ? partition.wide[base + record].when
                                 : std::int64_t{partition.compact[base + record].when()};
    };
    while (at < count && when(at) == when(at - 1)) ++at;
    return at;
  }

  ClosedUsage usage_;
  std::uint64_t calls_per_cycle_;
  OrderedUsers users_;
  std::vector<Block> blocks_;
};

/// What a row needs of an event, from either form.
struct Part {
  std::uint32_t task;
  std::uint64_t quantity;
};
Part part_of_event(const CompactRecord& r) { return {r.task(), r.quantity()}; }
Part part_of_event(const WideRecord& r) { return {r.task, r.quantity}; }

Sum sum_of(const CompactRecord& r, std::string_view user) {
  return {user, r.when(), r.task(), r.extra(), r.quantity()};
}
Sum sum_of(const WideRecord& r, std::string_view user) {
  return {user, r.when, r.task, r.extra, r.quantity};
}

/// Brings rows of one cycle, from `first` on, into the order of tasks and adds up those of one
/// task.
void combine_tasks(std::vector<Sum>& rows, std::size_t first) {
  Sum* const begin = rows.data() + first;
  Sum* const end = rows.data() + rows.size();
  std::sort(begin, end, [](const Sum& a, const Sum& b) { return a.task < b.task; });
  const auto same_task = [](const Sum& a, const Sum& b) { return a.task == b.task; };
  rows.resize(static_cast<std::size_t>(combine_neighbours(begin, end, same_task) - rows.data()));
}

/// Appends the sums of one cycle of calls: by task, in order.
template <class Record>
void append_cycle(const PagedRecords<Record>& records, std::uint64_t begin, std::uint64_t end,
                  std::int64_t cycle, std::string_view user, std::vector<Sum>& rows) {
  const std::size_t first = rows.size();
  std::size_t pending_limit = kPendingRows;
  for (std::uint64_t i = begin; i < end; ++i) {
    const Part part = part_of_event(records[i]);
    rows.push_back({user, cycle, part.task, 1, part.quantity});
    if (rows.size() - first < pending_limit) continue;
    combine_tasks(rows, first);
    pending_limit = std::max(kPendingRows, (rows.size() - first) * 2);
  }
  combine_tasks(rows, first);
}

template <class Record>
void append_records(const PagedRecords<Record>& records, const ClosedUser& user,
                    std::uint64_t begin, std::uint64_t end, std::uint64_t calls_per_cycle,
                    std::string_view name, std::vector<Sum>& rows) {
  begin += user.begin;
  end += user.begin;
  if (calls_per_cycle == 0) {
    for (std::uint64_t i = begin; i < end; ++i) rows.push_back(sum_of(records[i], name));
    return;
  }
  auto cycle = static_cast<std::int64_t>((begin - user.begin) / calls_per_cycle) + 1;
  for (std::uint64_t i = begin; i < end; ++cycle) {
    const std::uint64_t stop = i + std::min(calls_per_cycle, end - i);
    append_cycle(records, i, stop, cycle, name, rows);
    i = stop;
  }
}

void append_task_sums(const TaskSums& row, std::string_view name, std::vector<Sum>& rows) {
  row.for_each([&](std::uint32_t task, std::uint64_t calls, std::uint64_t quantity) {
    rows.push_back({name, 0, task, calls, quantity});
  });
}

}  // namespace

void append_sums(const ClosedPartition& partition, const ClosedUser& user, std::uint64_t begin,
                 std::uint64_t end, std::uint64_t calls_per_cycle, std::string_view name,
                 std::vector<Sum>& rows) {
  if (partition.in_task_sums) {
    append_task_sums(TaskSums::beside(*user.name), name, rows);
  } else if (partition.is_wide()) {
    append_records(partition.wide, user, begin, end, calls_per_cycle, name, rows);
  } else {
    append_records(partition.compact, user, begin, end, calls_per_cycle, name, rows);
  }
}

std::unique_ptr<Sums> make_user_sums(ClosedUsage usage) {
  return std::make_unique<UserSums>(std::move(usage));
}

}  // namespace billing
