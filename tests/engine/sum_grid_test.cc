#include "engine/sum_grid.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <tuple>

namespace billing {
namespace {

using Key = std::tuple<std::uint32_t, std::int64_t, std::uint32_t>;  // user, cycle, task

struct Sum {
  std::uint64_t calls = 0;
  std::int64_t quantity = 0;
  bool operator==(const Sum&) const = default;
};

class SumGridTest : public testing::Test {
 private:
  auto mover() {
    return [this](std::uint32_t user, std::int64_t cycle, std::uint32_t task, std::uint64_t sum) {
      EXPECT_NE(sum, 0u);
      move({user, cycle, task}, sum);
    };
  }

 protected:
  /// As a meter does: what has no cell goes elsewhere. Whether it had one.
  bool add(std::uint32_t user, std::int64_t cycle, std::uint32_t task, std::int64_t quantity) {
    const Key key{user, cycle, task};
    add_to(added_[key], 1, quantity);
    std::uint64_t* const cell = grid_.useful() ? grid_.cell(user, cycle, task) : nullptr;
    if (cell == nullptr) {
      add_to(moved_[key], 1, quantity);
    } else if (const std::uint64_t full = PackedSum::add(*cell, PackedSum::sum_of(1, quantity))) {
      move(key, full);
    }
    if (grid_.useful() && grid_.wants_room()) grid_.make_room(mover());
    return cell != nullptr;
  }

  void expect_nothing_lost() {
    grid_.drain(mover());
    EXPECT_TRUE(moved_ == added_);
  }

  /// 0 to limit - 1.
  std::uint32_t any(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  std::size_t keys() const { return added_.size(); }

  SumGrid grid_;
  std::size_t moves_ = 0;

 private:
  static void add_to(Sum& sum, std::uint64_t calls, std::int64_t quantity) {
    sum.calls += calls;
    sum.quantity += quantity;
  }

  void move(const Key& key, std::uint64_t sum) {
    ++moves_;
    add_to(moved_[key], PackedSum::calls_of(sum), PackedSum::quantity_of(sum));
  }

  std::mt19937_64 random_{1};
  std::map<Key, Sum> added_;
  std::map<Key, Sum> moved_;
};

TEST_F(SumGridTest, AddsUpAYearOfFewUsers) {
  for (int i = 0; i < 100'000; ++i) add(any(100), std::int64_t{any(12)} - 5, any(5), any(1000));
  EXPECT_EQ(moves_, 0u);
  expect_nothing_lost();
  EXPECT_EQ(moves_, keys());
  EXPECT_TRUE(grid_.useful());
}

TEST_F(SumGridTest, RowsBecomeLongerWhereThereAreMoreColumns) {
  for (int i = 0; i < 200'000; ++i) add(any(30), any(50), any(40), 7);
  expect_nothing_lost();
  EXPECT_LE(moves_, keys());  // no sum twice: nothing was moved for want of columns
  EXPECT_GT(moves_, keys() - 100);
}

TEST_F(SumGridTest, CyclesThatShareAPlaceKeepTheirColumns) {
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t cycle = std::int64_t{any(300)} * 86'400;
    EXPECT_TRUE(add(0, cycle, 1, 1) || i < 3000);
  }
  expect_nothing_lost();
  EXPECT_EQ(moves_, keys());
}

TEST_F(SumGridTest, ColumnsAreGivenAnewWhereRowsCannotBecomeLonger) {
  for (std::int64_t day = 0; day < 400; ++day) {
    for (std::uint32_t user = 0; user < 1500; ++user) {
      for (int call = 0; call < 3; ++call) add(user, day, static_cast<std::uint32_t>(day % 2), 5);
    }
  }
  EXPECT_GT(moves_, 0u);
  EXPECT_TRUE(grid_.useful());
  expect_nothing_lost();
}

TEST_F(SumGridTest, IsLeftOutWhereMostUsersHaveNoRow) {
  for (std::uint32_t i = 0; i < 20'000; ++i) add(i, 0, 0, 5);
  EXPECT_FALSE(grid_.useful());
  expect_nothing_lost();
}

TEST_F(SumGridTest, IsLeftOutWhereKeysHardlyMeet) {
  for (std::int64_t hour = 0; hour < 500; ++hour) {
    for (std::uint32_t user = 0; user < 2000; ++user) add(user, hour, 0, 5);
  }
  EXPECT_FALSE(grid_.useful());
  expect_nothing_lost();
}

TEST_F(SumGridTest, SumsThatAreFullMoveOn) {
  constexpr auto kMost = static_cast<std::int64_t>(PackedSum::kQuantityLimit) - 1;
  for (int i = 0; i < 5; ++i) add(1, 2, 3, kMost);
  EXPECT_GT(moves_, 0u);
  expect_nothing_lost();
}

TEST_F(SumGridTest, TasksBeyondItsColumnsHaveNoCell) {
  EXPECT_TRUE(add(0, 0, 63, 1));
  EXPECT_FALSE(add(0, 0, 64, 1));
  EXPECT_FALSE(add(0, 0, ~0U, 1));
  EXPECT_FALSE(add(~0U, 0, 0, 1));
  expect_nothing_lost();
}

}  // namespace
}  // namespace billing
