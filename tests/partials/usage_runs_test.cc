// Usage in files: what is spilled and merged must be what went in.

#include "partials/usage_runs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

struct NamedRow {
  std::string user;
  std::int64_t when;
  std::string task;
  std::uint64_t extra;
  Int128 quantity;
  auto operator<=>(const NamedRow&) const = default;
};
using NamedRows = std::vector<NamedRow>;

/// Rows in memory, some to a block.
class RowUsage final : public OrderedUsage {
 public:
  RowUsage(NamedRows rows, std::size_t block_rows)
      : rows_(std::move(rows)), block_rows_(block_rows) {
    std::set<std::string> tasks;
    for (const NamedRow& row : rows_) tasks.insert(row.task);
    tasks_ = TaskNames({tasks.begin(), tasks.end()});
    std::sort(rows_.begin(), rows_.end());
  }

  const TaskNames& tasks() const override { return tasks_; }
  std::size_t block_count() const override {
    return (rows_.size() + block_rows_ - 1) / block_rows_;
  }
  void read_block(std::size_t block, UsageSink& sink) const override {
    const std::size_t begin = block * block_rows_;
    const std::size_t end = std::min(rows_.size(), begin + block_rows_);
    for (std::size_t i = begin; i < end; ++i) {
      const NamedRow& row = rows_[i];
      if (i == begin || row.user != rows_[i - 1].user) sink.begin_user(row.user, rows_before(i));
      const auto task = static_cast<std::uint32_t>(tasks_.find(row.task));
      const UsageRow one{row.when, task, row.extra, row.quantity};
      sink.add({&one, 1});
    }
  }

 private:
  /// Of the same user.
  std::uint64_t rows_before(std::size_t i) const {
    std::uint64_t rows = 0;
    while (rows < i && rows_[i - rows - 1].user == rows_[i].user) ++rows;
    return rows;
  }

  NamedRows rows_;
  std::size_t block_rows_;
  TaskNames tasks_;
};

/// Keeps what it is given.
class RowList final : public UsageSink {
 public:
  explicit RowList(const TaskNames& tasks) : tasks_(tasks) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    if (user != user_) rows_of_user_ = 0;
    user_ = user;
    EXPECT_EQ(first_row, rows_of_user_);
  }
  void add(std::span<const UsageRow> rows) override {
    for (const UsageRow& row : rows)
      list.push_back({user_, row.when, std::string(tasks_[row.task]), row.extra, row.quantity});
    rows_of_user_ += rows.size();
  }

  NamedRows list;

 private:
  TaskNames tasks_;
  std::string user_;
  std::uint64_t rows_of_user_ = 0;
};

NamedRows rows_of(const UsageSource& source) {
  RowList rows(source.tasks);
  const auto stream = source.open();
  while (stream->next(rows)) {
  }
  return rows.list;
}

/// What rows with one key add up to, in order.
NamedRows added_up(const NamedRows& rows) {
  std::map<std::tuple<std::string, std::int64_t, std::string>, std::pair<std::uint64_t, Int128>>
      sums;
  for (const NamedRow& row : rows) {
    auto& sum = sums[{row.user, row.when, row.task}];
    sum.first += row.extra;
    sum.second += row.quantity;
  }
  NamedRows list;
  for (const auto& [key, sum] : sums)
    list.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), sum.first, sum.second});
  return list;
}

class UsageRunsTest : public testing::TestWithParam<bool> {
 protected:
  bool events() const { return GetParam(); }
  RowKind kind() const { return events() ? RowKind::events : RowKind::sums; }

  NamedRow random_row(std::uint64_t users) {
    constexpr std::int64_t kSecond_ns = 1'000'000'000;
    const std::uint64_t user = random_() % users;
    std::string name = "user" + std::to_string(user);
    if (user % 7 == 0) name += std::string(user % 250, 'x');
    name.resize(std::min<std::size_t>(name.size(), 255));
    const auto when = static_cast<std::int64_t>(random_() % 1000) - 500;
    const bool whole = random_() % 50 != 0;
    return {name, events() ? when * kSecond_ns + (whole ? 0 : 1) : when,
            "task" + std::to_string(random_() % 4),
            events() ? 100 + random_() % 500 : 1 + random_() % 9,
            random_() % 3 == 0 ? random_() % 1'000'000'000'000 : random_() % 1000};
  }

  NamedRows random_rows(std::size_t count, std::uint64_t users) {
    NamedRows rows;
    for (std::size_t i = 0; i < count; ++i) rows.push_back(random_row(users));
    return events() ? rows : added_up(rows);
  }

  NamedRows expected(NamedRows all) const {
    if (!events()) return added_up(all);
    std::sort(all.begin(), all.end());
    return all;
  }

  SpillOptions options() const {
    return {testing::TempDir(), merge_bytes_, [] {}};
  }

  std::size_t merge_bytes_ = std::size_t{64} << 20;
  std::mt19937_64 random_{1};
};

TEST_P(UsageRunsTest, OneRunIsReadAsItWasWritten) {
  for (const std::uint64_t users : {1u, 3u, 1000u}) {
    const NamedRows rows = random_rows(20'000, users);
    UsageRuns runs(kind(), options());
    runs.spill(RowUsage(rows, 700));
    EXPECT_TRUE(rows_of(runs.merged()) == expected(rows)) << users;
  }
}

TEST_P(UsageRunsTest, ManyRunsAreOne) {
  for (const std::uint64_t users : {1u, 20u, 5000u}) {
    NamedRows all;
    UsageRuns runs(kind(), options());
    for (std::size_t run = 0; run < 30; ++run) {
      const NamedRows rows = random_rows(run * 100, users);
      all.insert(all.end(), rows.begin(), rows.end());
      runs.spill(RowUsage(rows, 333));
    }
    EXPECT_TRUE(rows_of(runs.merged()) == expected(all)) << users;
  }
}

TEST_P(UsageRunsTest, MoreRunsThanAreReadAtOnceAreMergedInRounds) {
  merge_bytes_ = 0;  // two at a time
  NamedRows all;
  UsageRuns runs(kind(), options());
  for (std::size_t run = 0; run < 37; ++run) {
    const NamedRows rows = random_rows(200, 40);
    all.insert(all.end(), rows.begin(), rows.end());
    runs.spill(RowUsage(rows, 64));
  }
  EXPECT_TRUE(rows_of(runs.merged()) == expected(all));
}

TEST_P(UsageRunsTest, AMergeMayBeReadAnyNumberOfTimesAtOnce) {
  UsageRuns runs(kind(), options());
  NamedRows all;
  for (int run = 0; run < 3; ++run) {
    const NamedRows rows = random_rows(500, 10);
    all.insert(all.end(), rows.begin(), rows.end());
    runs.spill(RowUsage(rows, 100));
  }
  const UsageSource source = runs.merged();
  RowList one(source.tasks);
  RowList other(source.tasks);
  const auto first = source.open();
  const auto second = source.open();
  while (first->next(one) | second->next(other)) {
  }
  EXPECT_TRUE(one.list == expected(all));
  EXPECT_TRUE(other.list == expected(all));
}

TEST_P(UsageRunsTest, RunsOfManyTasksAreMergedInRounds) {
  merge_bytes_ = 1 << 20;  // two files, or one and the places of many tasks
  NamedRows all;
  UsageRuns runs(kind(), options());
  for (std::size_t run = 0; run < 9; ++run) {
    NamedRows rows;
    for (std::size_t i = 0; i < 20'000; ++i) {
      rows.push_back(random_row(40));
      rows.back().user = "user";
      rows.back().task = "task" + std::to_string(run * 1000 + i);
    }
    if (!events()) rows = added_up(rows);
    all.insert(all.end(), rows.begin(), rows.end());
    runs.spill(RowUsage(rows, 5000));
  }
  EXPECT_TRUE(rows_of(runs.merged()) == expected(all));
}

TEST_P(UsageRunsTest, TasksThatTakeTooMuchMemoryEndTheMerge) {
  constexpr std::uint64_t kMaxBytes = 100'000;
  std::uint64_t most_asked = 0;
  SpillOptions bounded = options();
  bounded.check_task_bytes = [&most_asked](std::uint64_t bytes) {
    most_asked = bytes;
    if (bytes > kMaxBytes) throw Error(ErrorKind::run, "too many tasks");
  };
  UsageRuns runs(kind(), bounded);
  for (std::size_t run = 0; run < 2; ++run) {
    NamedRows rows;
    for (std::size_t i = 0; i < 2000; ++i) {
      rows.push_back(random_row(1));
      rows.back().task = "task" + std::to_string(run * 2000 + i) + std::string(100, 'x');
    }
    runs.spill(RowUsage(events() ? rows : added_up(rows), 5000));
  }
  EXPECT_THROW(runs.merged(), Error);
  EXPECT_GT(most_asked, kMaxBytes);
  EXPECT_LT(most_asked, kMaxBytes + 1000);
}

TEST_P(UsageRunsTest, NothingIsNothing) {
  UsageRuns runs(kind(), options());
  EXPECT_TRUE(runs.empty());
  EXPECT_EQ(rows_of(runs.merged()), NamedRows());
  runs.spill(RowUsage({}, 1));
  EXPECT_EQ(rows_of(runs.merged()), NamedRows());
}

TEST_P(UsageRunsTest, AFolderThatIsNotThereIsNamed) {
  UsageRuns runs(kind(), {"/no/such/folder", merge_bytes_, [] {}});
  try {
    runs.spill(RowUsage(random_rows(10, 2), 1));
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("/no/such/folder"), std::string::npos);
    EXPECT_EQ(error.kind(), ErrorKind::run);
  }
}

/// The cycles of a stream are those of the same rows in memory.
TEST_P(UsageRunsTest, SumsOfFilesAreThoseOfMemory) {
  const auto sums_of = [](const Sums& sums) {
    NamedRows list;
    const auto reader = sums.read();
    for (SumBlock block; reader->next(block);) {
      reader->load(block);
      for (const Sum& sum : block.rows)
        list.push_back({std::string(sum.user), sum.cycle, std::string(sums.tasks()[sum.task]),
                        sum.calls, sum.quantity});
    }
    return list;
  };
  std::vector<std::uint64_t> runs_of_calls{0};
  if (events()) runs_of_calls = {1, 5, 4096, 1'000'000};
  for (const std::uint64_t calls : runs_of_calls) {
    for (const bool keeps_users : {true, false}) {
      for (const std::uint64_t users : {1u, 40u, 3000u}) {
        const NamedRows rows = random_rows(30'000, users);
        const UsageKey key{keeps_users, true};
        const SumRules rules{kind(), calls, {true, true}, key};
        const auto whole = make_sums(std::make_unique<RowUsage>(rows, rows.size()), rules, [] {});
        UsageRuns runs(kind(), options());
        runs.spill(RowUsage(rows, 500));
        UsageRuns sum_runs(RowKind::sums, options());
        const SumSpill spill{100, [&](const OrderedUsage& usage) { sum_runs.spill(usage); },
                             [&] { return sum_runs.merged(); }};
        const auto streamed = make_sums(
            runs.merged(), rules, [] {}, spill);
        EXPECT_TRUE(sums_of(*streamed) == sums_of(*whole))
            << calls << ' ' << keeps_users << ' ' << users;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, UsageRunsTest, testing::Bool(), [](const auto& kind) {
  return std::string(kind.param ? "events" : "sums");
});

}  // namespace
}  // namespace billing
