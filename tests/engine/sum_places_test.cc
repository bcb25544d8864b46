// Sums on their way through meters and closing take one of several places: beside names, a table,
// records that are sorted. Whichever it is, they are those of a plain map.

#include "engine/sum_places.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/engine_fixture.h"

namespace billing {
namespace {

class SumPlaces : public testing::TestWithParam<bool> {
 protected:
  SumPlaces() {
    options_.cycles = &cycles_;
    options_.partition_bits = 2;
  }

  /// Calls of so many users, cycles and tasks in a regular order, in two meters.
  static Events events(std::size_t count, std::uint64_t users, std::uint64_t cycles,
                       std::uint64_t tasks, std::int64_t cycle_distance = 1) {
    std::mt19937_64 random(count + users);
    Events events;
    events.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      const auto cycle = static_cast<std::int64_t>(random() % cycles) * cycle_distance;
      events.push_back({cycle * 10 * kSecond_ns, "user" + std::to_string(random() % users),
                        "task" + std::to_string(random() % tasks), 200,
                        static_cast<std::int64_t>(random() % 1000)});
    }
    return events;
  }

  void expect_plain_sums(const Events& events) {
    for (const UsageKey& key : all_keys()) {
      options_.key = key;
      const std::span<const Event> all(events);
      Usage usage = merge(meter(options_, all.first(all.size() / 3)),
                          meter(options_, all.subspan(all.size() / 3)));
      ASSERT_EQ(close_to_rows(options_, std::move(usage)), plainly(options_, events));
    }
  }

  const TestCycles cycles_{0, /*are_few=*/GetParam()};
  MeterOptions options_;
};

INSTANTIATE_TEST_SUITE_P(CyclesAreFew, SumPlaces, testing::Bool());

TEST_P(SumPlaces, FewUsersCyclesAndTasks) { expect_plain_sums(events(20'000, 50, 3, 4)); }

TEST_P(SumPlaces, AsManyKeysAsStandBesideNamesAndMore) {
  for (const std::uint64_t cycles : {1, 2, 3, 8, 9})
    for (const std::uint64_t tasks : {1, 2, 3, 6, 7, 63, 64, 65})
      expect_plain_sums(events(5'000, 100, cycles, tasks));
}

TEST_P(SumPlaces, KeysTooManyForPlacesBesideNames) {
  const Events few = events(40'000, 300, 1, 5);
  const Events many = events(60'000, 300, 12, 5);
  expect_plain_sums(many);  // from the first events on
  Events later = few;
  later.insert(later.end(), many.begin(), many.end());
  expect_plain_sums(later);  // in one meter not, in the other later
  Events before = many;
  before.insert(before.end(), few.begin(), few.end());
  expect_plain_sums(before);
}

TEST_P(SumPlaces, AMeterTakesUsageOfOneThatKeepsSumsElsewhere) {
  options_.key = {true, true};
  const Events few = events(20'000, 300, 1, 5);
  const Events many = events(40'000, 300, 12, 5);
  Events all = few;
  all.insert(all.end(), many.begin(), many.end());
  for (const bool few_first : {true, false}) {
    Meter both(options_);
    add(both, few_first ? few : many);
    both.add(meter(options_, few_first ? many : few));
    ASSERT_EQ(close_to_rows(options_, both.finish()), plainly(options_, all));
  }
}

TEST_P(SumPlaces, KeysThatOnlySomeMetersMeet) {
  Events all = events(300, 7, 1, 2);
  const Events later = events(300, 7, 4, 3, 5);
  all.insert(all.end(), later.begin(), later.end());
  expect_plain_sums(all);
}

TEST_P(SumPlaces, CyclesFarFromEachOther) {
  expect_plain_sums(events(20'000, 50, 5, 4, 1'000));
  expect_plain_sums(events(20'000, 50, 5, 4, 100'000'000));
}

TEST_P(SumPlaces, CyclesBeforeTheEpoch) {
  Events all = events(5'000, 20, 5, 4);
  for (Event& event : all) event.time_ns -= 25 * kSecond_ns;
  expect_plain_sums(all);
}

TEST_P(SumPlaces, ManyTasks) { expect_plain_sums(events(20'000, 5, 2, 3'000)); }

/// Most calls have keys with places beside names, and yet there are very many others.
TEST_P(SumPlaces, UsersWithSoManySumsThatTheyAreCut) {
  Events all = events(60'000, 1, 3, 20'000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % 3 != 0) all[i].task = "often";
  }
  const Events other = events(20'000, 3, 1, 3);
  all.insert(all.end(), other.begin(), other.end());
  expect_plain_sums(all);
  // A sum of records, or one beside the name, is too large for a compact record.
  Events with_large_sum = all;
  for (int i = 0; i < 3; ++i) with_large_sum.push_back({0, "user0", "task7", 200, 0xF0000000});
  expect_plain_sums(with_large_sum);
  for (int i = 0; i < 70'000; ++i) all.push_back({0, "user0", "often", 200, 1});
  expect_plain_sums(all);
}

TEST_P(SumPlaces, SumsTooLargeForACompactRecord) {
  Events calls = events(1'000, 3, 2, 2);
  for (int i = 0; i < 70'000; ++i) calls.push_back({0, "user0", "task0", 200, 1});
  expect_plain_sums(calls);
  Events quantities = events(1'000, 3, 2, 2);
  for (std::int64_t i = 0; i < 10; ++i)
    quantities.push_back({0, "user0", "task0", 200, 0xFFFFFFFF - i});
  expect_plain_sums(quantities);
  quantities.push_back({0, "user0", "task0", 200, kMaxQuantity});
  expect_plain_sums(quantities);
}

TEST_P(SumPlaces, OneCallOfEachUser) {
  Events all;
  for (int i = 0; i < 10'000; ++i)
    all.push_back({i % 3 * 10 * kSecond_ns, "user" + std::to_string(i), "task", 200, 7});
  expect_plain_sums(all);
}

}  // namespace
}  // namespace billing
