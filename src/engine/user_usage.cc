#include "engine/user_usage.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <utility>

#include "base/prefetch.h"
#include "engine/packed_sum.h"
#include "engine/usage_parts.h"
#include "engine/user_order.h"

namespace billing {
namespace {

/// Rows that go to a sink at once.
constexpr std::size_t kRowsAtOnce = 128;

/// Users between a prefetch and the use of what it fetched: of their entries, and of their rows.
constexpr std::size_t kPrefetchUsers = 32;
constexpr std::size_t kPrefetchUsersOfRows = 12;

/// So many rows of a user are fetched: those after them the processor fetches by itself.
constexpr std::uint64_t kPrefetchRows = 64;

constexpr std::uint64_t kAllRows = std::numeric_limits<std::uint64_t>::max();

class UserUsage final : public OrderedUsage {
 public:
  explicit UserUsage(ClosedUsage usage)
      : usage_(std::move(usage)),
        calls_per_cycle_(keeps_events(usage_.parts->options)
                             ? usage_.parts->options.cycles->calls_per_cycle()
                             : 0),
        users_(order_users(usage_.partitions)) {
    cut_blocks();
  }

  const TaskNames& tasks() const override { return usage_.tasks.names; }
  std::size_t block_count() const override { return blocks_.size(); }

  void read_block(std::size_t block, UsageSink& sink) const override {
    const Block& b = blocks_[block];
    for (std::size_t i = b.begin_user; i < b.end_user; ++i) prefetch(&user_at(i));
    std::size_t fetched = b.begin_user;
    for (std::size_t i = b.begin_user; i < b.end_user; ++i) {
      const std::size_t next = std::min(i + kPrefetchUsersOfRows, b.end_user);
      for (; fetched < next; ++fetched) prefetch_rows(fetched);
      const ClosedUser& user = user_at(i);
      sink.begin_user(user.name->text(), b.begin_row);
      add_rows(usage_, partition_at(i), user, b.begin_row, std::min(b.end_row, user.count), sink);
    }
  }

 private:
  /// Some users, whole, or a part of one user.
  struct Block {
    std::size_t begin_user;
    std::size_t end_user;
    std::uint64_t begin_row;
    std::uint64_t end_row;
  };

  /// Users adjacent by name are scattered in memory, and each has its rows on a few cache lines.
  void prefetch_rows(std::size_t i) const {
    const ClosedUser& user = user_at(i);
    prefetch(user.name);
    const ClosedPartition& partition = partition_at(i);
    if (partition.is_packed()) return prefetch_rows_in(partition.packed, user);
    prefetch_rows_in(partition.compact, user);
  }

  template <class Record>
  static void prefetch_rows_in(const PagedRecords<Record>& rows, const ClosedUser& user) {
    const std::uint64_t end =
        std::min<std::uint64_t>(user.begin + std::min(user.count, kPrefetchRows), rows.size());
    for (std::uint64_t row = user.begin; row < end; row += kCacheLineBytes / sizeof(Record))
      prefetch(&rows[row]);
  }

  const ClosedPartition& partition_at(std::size_t i) const {
    return usage_.partitions[users_.keys[i].table];
  }
  const ClosedUser& user_at(std::size_t i) const {
    return partition_at(i).users[users_.keys[i].index];
  }

  void cut_blocks() {
    Block block{0, 0, 0, kAllRows};
    std::uint64_t rows = 0;
    const auto end_block = [&](std::size_t next_user) {
      if (block.begin_user < block.end_user) blocks_.push_back(block);
      block = {next_user, next_user, 0, kAllRows};
      rows = 0;
    };
    for (std::size_t i = 0; i < users_.size; ++i) {
      prefetch(&user_at(std::min(i + kPrefetchUsers, users_.size - 1)));
      const std::uint64_t count = user_at(i).count;
      if (count > kMaxUncutRows && usage_.parts->options.key.cycle && !has_name_sums(i)) {
        end_block(i);
        cut_user(i, count);
        block.begin_user = block.end_user = i + 1;
        continue;
      }
      block.end_user = i + 1;
      rows += count;
      if (rows >= kBlockRows) end_block(i + 1);
    }
    end_block(users_.size);
  }

  /// Whether sums stand beside the name.
  bool has_name_sums(std::size_t i) const {
    const ClosedUser& user = user_at(i);
    return partition_at(i).end_of(user) - user.begin < user.count;
  }

  /// Cuts a user with many rows at the borders of cycles.
  void cut_user(std::size_t i, std::uint64_t count) {
    for (std::uint64_t begin = 0; begin < count;) {
      const std::uint64_t end =
          next_border(partition_at(i), user_at(i).begin, begin + kBlockRows, count);
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
    const std::size_t parts = usage_.parts->options.key.parts();
    const auto cycle = [&](std::uint64_t row) {
      return cycle_of_period(partition.is_wide()
                                 ? partition.wide[base + row].when
                                 : std::int64_t{partition.compact[base + row].when()},
                             parts);
    };
    while (at < count && cycle(at) == cycle(at - 1)) ++at;
    return at;
  }

  ClosedUsage usage_;
  std::uint64_t calls_per_cycle_;
  OrderedUsers users_;
  std::vector<Block> blocks_;
};

UsageRow row_of(const CompactRecord& r, std::int64_t when_unit) {
  return {std::int64_t{r.when()} * when_unit, r.task(), r.extra(), r.quantity()};
}
UsageRow row_of(const WideRecord& r, std::int64_t) { return {r.when, r.task, r.extra, r.quantity}; }

template <class Record, class RowOf>
void add_records(const PagedRecords<Record>& records, std::uint64_t begin, std::uint64_t end,
                 const RowOf& row_of, UsageSink& sink) {
  std::array<UsageRow, kRowsAtOnce> rows;
  while (begin < end) {
    const std::size_t count = std::min<std::uint64_t>(kRowsAtOnce, end - begin);
    for (std::size_t i = 0; i < count; ++i) rows[i] = row_of(records[begin + i]);
    sink.add({rows.data(), count});
    begin += count;
  }
}

/// The sums beside a user's name, in the order of rows.
class RowsBesideName {
 public:
  RowsBesideName(const TaskOrder& tasks, const Name& user) {
    tasks.for_each_sum_beside(&user, [this](const TaskOrder::PlacedKey& key, std::uint64_t sum) {
      rows_[size_++] = {key.cycle, key.rank, PackedSum::calls_of(sum), PackedSum::quantity_of(sum)};
    });
  }

  std::span<const UsageRow> rows() const { return {rows_.data(), size_}; }

 private:
  std::array<UsageRow, NameSums::kPlaces> rows_;
  std::size_t size_ = 0;
};

bool has_lesser_key(const UsageRow& a, const UsageRow& b) {
  return a.when != b.when ? a.when < b.when : a.task < b.task;
}

/// Records of sums, and further sums among them. Records with equal keys, which are neighbours, are
/// brought together.
template <class Record>
void add_merged(const PagedRecords<Record>& records, std::uint64_t begin, std::uint64_t end,
                std::span<const UsageRow> more, UsageSink& sink) {
  constexpr std::int64_t kCycleUnit = 1;
  std::array<UsageRow, kRowsAtOnce> rows;
  std::size_t size = 0;
  const auto add = [&](const UsageRow& row) {
    if (size > 0 && add_if_same_key(rows[size - 1], row)) return;
    if (size == rows.size()) {
      sink.add({rows.data(), size - 1});  // the last sum may yet grow
      rows[0] = rows[size - 1];
      size = 1;
    }
    rows[size++] = row;
  };
  for (; begin < end; ++begin) {
    UsageRow row = row_of(records[begin], kCycleUnit);
    for (; !more.empty() && has_lesser_key(more.front(), row); more = more.subspan(1))
      add(more.front());
    add(row);
  }
  for (const UsageRow& row : more) add(row);
  sink.add({rows.data(), size});
}

}  // namespace

void add_rows(const ClosedUsage& usage, const ClosedPartition& partition, const ClosedUser& user,
              std::uint64_t begin, std::uint64_t end, UsageSink& sink) {
  if (partition.is_packed()) {
    const auto row_of_event = [form = partition.packed_form](PackedEvent event) {
      return row_of(form.unpack(event), kEventTimeUnitNs);
    };
    return add_records(partition.packed, user.begin + begin, user.begin + end, row_of_event, sink);
  }
  const bool events = keeps_events(usage.parts->options);
  const auto add_range = [&](const auto& records) {
    const std::uint64_t first = user.begin + begin;
    const std::uint64_t last = user.begin + end;
    if (partition.is_wide() && !events) return add_merged(records, first, last, {}, sink);
    const std::int64_t when_unit = events ? kEventTimeUnitNs : 1;
    add_records(
        records, first, last, [when_unit](const auto& r) { return row_of(r, when_unit); }, sink);
  };
  const auto add = [&](const auto& records) {
    if (!usage.parts->has_name_sums()) return add_range(records);
    const RowsBesideName beside(usage.tasks, *user.name);
    const std::uint64_t records_end = partition.end_of(user);
    if (user.begin == records_end) return sink.add(beside.rows());
    if (beside.rows().empty()) return add_range(records);
    add_merged(records, user.begin, records_end, beside.rows(), sink);
  };
  partition.is_wide() ? add(partition.wide) : add(partition.compact);
}

std::unique_ptr<OrderedUsage> make_user_usage(ClosedUsage usage) {
  return std::make_unique<UserUsage>(std::move(usage));
}

}  // namespace billing
