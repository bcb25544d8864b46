// Meters of several threads, their merge, and closing under several threads at once.

#include <gtest/gtest.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "engine/engine_fixture.h"

namespace billing {
namespace {

class MeteringStress : public testing::TestWithParam<std::uint64_t> {
 protected:
  MeteringStress() { options_.cycles = &cycles_; }

  static constexpr std::size_t kThreads = 8;

  /// Each thread meters its part of the events.
  std::vector<Usage> metered_in_threads(const Events& events) {
    std::vector<std::optional<Usage>> usages(kThreads);
    std::vector<std::thread> threads;
    const std::size_t share = events.size() / kThreads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const std::size_t end = t + 1 == kThreads ? events.size() : (t + 1) * share;
        usages[t] = meter(options_, std::span(events).subspan(t * share, end - t * share));
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<Usage> result;
    for (auto& usage : usages) result.push_back(std::move(*usage));
    return result;
  }

  static Usage merged(std::vector<Usage> usages) {
    while (usages.size() > 1) {
      Usage last = std::move(usages.back());
      usages.pop_back();
      usages.back() = merge(std::move(last), std::move(usages.back()));
    }
    return std::move(usages.front());
  }

  std::unique_ptr<Sums> closed_in_arena(Usage usage) const {
    tbb::task_arena arena(static_cast<int>(kThreads));
    std::atomic<int> checkpoints = 0;
    auto sums = arena.execute([&] {
      const auto count = [&] { ++checkpoints; };
      return make_sums(close(std::move(usage), count), sum_rules_of(options_), count);
    });
    EXPECT_GT(checkpoints, 0);
    return sums;
  }

  const TestCycles cycles_{GetParam()};
  MeterOptions options_;
};

TEST_P(MeteringStress, ThreadsGiveTheSumsOfAPlainMap) {
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    const Events events = random_events(1, 8000);
    EXPECT_EQ(rows_of(*closed_in_arena(merged(metered_in_threads(events)))),
              plainly(options_, events));
  }
}

TEST_P(MeteringStress, ManyUsersInManyPartitions) {
  Events events;
  for (std::int64_t i = 0; i < 40'000; ++i) {
    events.push_back({i % 977 * kSecond_ns, "user" + std::to_string(i * 7919 % 9000),
                      "task" + std::to_string(i % 5), 200, i});
  }
  const auto sums = closed_in_arena(merged(metered_in_threads(events)));
  EXPECT_EQ(rows_of(*sums), plainly(options_, events));
}

TEST_P(MeteringStress, SumsOfManyPartitionsGrowBeyondTheirPlace) {
  options_.key = {true, false};
  const Events events = heavy_events(1, 100'000, 6);
  for (int time = 0; time < 3; ++time) {
    EXPECT_EQ(rows_of(*closed_in_arena(merged(metered_in_threads(events)))),
              plainly(options_, events));
  }
}

TEST_P(MeteringStress, OneUserSoLargeThatHisSortIsParallel) {
  Events events;
  for (std::int64_t i = 0; i < 300'000; ++i) {
    events.push_back({i * 7919 % 99'991 * kSecond_ns, i % 100 == 0 ? "other" : "one", "task"});
  }
  const auto sums = closed_in_arena(merged(metered_in_threads(events)));
  EXPECT_EQ(rows_of(*sums), plainly(options_, events));
}

TEST_P(MeteringStress, BlocksMayBeReadBySeveralThreads) {
  const Events events = random_events(2, 50'000);
  const auto sums = closed_in_arena(meter(options_, events));
  const Rows expected = plainly(options_, events);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&] { EXPECT_EQ(rows_of(*sums), expected); });
  for (std::thread& thread : threads) thread.join();
}

TEST_P(MeteringStress, SeveralRunsAtOnceDoNotMeet) {
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Events events = random_events(t, 3000);
      EXPECT_EQ(rows_of(*closed_in_arena(meter(options_, events))), plainly(options_, events));
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(CallsPerCycle, MeteringStress, testing::Values(0, 5));

}  // namespace
}  // namespace billing
