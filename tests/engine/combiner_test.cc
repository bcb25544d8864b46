#include "engine/combiner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <tuple>
#include <vector>

namespace billing {
namespace {

class CombinerTest : public testing::Test {
 protected:
  struct Sum {
    std::tuple<std::uint32_t, std::int64_t, std::uint32_t> key;  ///< user, when, task
    std::uint64_t calls;
    std::int64_t quantity;
    bool operator==(const Sum&) const = default;
  };
  using Sums = std::vector<Sum>;

  /// Drains where there is no room, as its user does.
  void add(std::uint32_t user, std::int64_t when, std::uint32_t task, std::int64_t quantity) {
    added_.push_back({{user, when, task}, 1, quantity});
    combiner_.prefetch_sum(user, when, task);
    while (!combiner_.add(user, when, task, quantity)) drain();
  }

  void drain() {
    ++drains_;
    combiner_.drain([this](const CombinedSum& sum) {
      drained_.push_back({{sum.user, sum.when, sum.task}, sum.calls, sum.quantity});
    });
  }

  /// One sum a key, by key.
  static Sums added_up(Sums sums) {
    std::sort(sums.begin(), sums.end(), [](const Sum& a, const Sum& b) { return a.key < b.key; });
    Sums whole;
    for (const Sum& sum : sums) {
      if (whole.empty() || whole.back().key != sum.key) {
        whole.push_back(sum);
      } else {
        whole.back().calls += sum.calls;
        whole.back().quantity += sum.quantity;
      }
    }
    return whole;
  }

  /// What came out adds up to what was put in.
  void expect_nothing_lost() const { EXPECT_TRUE(added_up(drained_) == added_up(added_)); }

  Combiner combiner_;
  Sums added_;
  Sums drained_;
  int drains_ = 0;
};

TEST_F(CombinerTest, AddsUpEqualKeys) {
  for (int i = 0; i < 1000; ++i) add(1, i % 2, 3, 4);
  drain();
  expect_nothing_lost();
  EXPECT_EQ(drained_.size(), 2u);
}

TEST_F(CombinerTest, KeysThatDifferInOnePartAreDifferent) {
  for (const std::int64_t when : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX}) {
    for (const std::uint32_t user : {0U, 1U, 1U << 20, ~0U}) {
      for (const std::uint32_t task : {0U, 1U, 1U << 20, ~0U}) add(user, when, task, 5);
    }
  }
  drain();
  expect_nothing_lost();
  EXPECT_EQ(drained_.size(), 64u);
}

TEST_F(CombinerTest, LosesNothingWhenItIsFull) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    add(static_cast<std::uint32_t>(random() % 100'000), static_cast<std::int64_t>(random() % 3),
        static_cast<std::uint32_t>(random() % 2), random() % 1000);
  }
  EXPECT_GT(drains_, 0);
  drain();
  expect_nothing_lost();
}

TEST_F(CombinerTest, IsEmptyAfterADrain) {
  add(1, 2, 3, 4);
  drain();
  drained_.clear();
  drain();
  EXPECT_TRUE(drained_.empty());
}

TEST_F(CombinerTest, IsUsefulAsLongAsKeysMeet) {
  for (std::uint32_t i = 0; i < 1000; ++i) add(i % 100, 0, 0, 1);
  drain();
  EXPECT_TRUE(combiner_.useful());
  for (std::uint32_t i = 0; i < 1000; ++i) add(i, 0, 0, 1);
  drain();
  EXPECT_FALSE(combiner_.useful());
}

TEST_F(CombinerTest, ASumThatWouldLeave64BitsMovesOnBefore) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t sign : {1, -1}) {
    drained_.clear();
    added_.clear();
    add(1, 1, 1, sign * (kMost - 4));
    add(1, 1, 1, sign * 4);
    EXPECT_TRUE(drained_.empty());
    add(1, 1, 1, sign * 5);
    ASSERT_EQ(drained_.size(), 1u);
    EXPECT_EQ(drained_[0].quantity, sign * kMost);
    EXPECT_EQ(drained_[0].calls, 2u);
    drain();
    ASSERT_EQ(drained_.size(), 2u);
    EXPECT_EQ(drained_[1].quantity, sign * 5);
  }
}

}  // namespace
}  // namespace billing
