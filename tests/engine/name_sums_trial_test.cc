#include <gtest/gtest.h>

#include "engine/sum_places.h"

namespace billing {
namespace {

constexpr std::size_t kMany = 100'000;

TEST(NameSumsTrial, HitsAreUseful) {
  NameSumsTrial trial;
  EXPECT_TRUE(trial.is_useful() && trial.is_first());
  trial.add(kMany, kMany / 2);
  EXPECT_TRUE(trial.is_useful());
  EXPECT_FALSE(trial.is_first());
}

TEST(NameSumsTrial, MostlyMissesAreNot) {
  NameSumsTrial trial;
  trial.add(kMany, kMany / 2 + 1);
  EXPECT_FALSE(trial.is_useful());
  EXPECT_TRUE(trial.is_first());
}

TEST(NameSumsTrial, AFewEventsDecideNothing) {
  NameSumsTrial trial;
  trial.add(1000, 1000);
  EXPECT_TRUE(trial.is_useful());
}

TEST(NameSumsTrial, WhatWasUsefulNeedNotStaySo) {
  NameSumsTrial trial;
  for (int i = 0; i < 10; ++i) trial.add(kMany, 0);
  trial.add(kMany, kMany);
  EXPECT_FALSE(trial.is_useful() || trial.is_first());
}

}  // namespace
}  // namespace billing
