#include "billing/meter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/engine_knobs.h"
#include "engine_fixture.h"

namespace billing {
namespace {

class MeterTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  MeterTest() { options_.cycles = &cycles_; }

  /// One usage of each part of the events, which are dealt at random.
  std::vector<Usage> usages(const Events& events, std::size_t count) {
    std::vector<Events> parts(count);
    for (const Event& event : events) parts[random_() % count].push_back(event);
    std::vector<Usage> usages;
    for (const Events& part : parts) usages.push_back(meter(options_, part));
    return usages;
  }

  /// One usage of both, in one of the two ways.
  Usage both(Usage a, Usage b) {
    if (random_() % 2 == 0) return merge(std::move(a), std::move(b));
    Meter meter(options_);
    meter.add(std::move(a));
    meter.add(std::move(b));
    return meter.finish();
  }

  /// Brings two of them together, either way round, until there is one.
  Usage merged_at_random(std::vector<Usage> usages) {
    while (usages.size() > 1) {
      std::shuffle(usages.begin(), usages.end(), random_);
      Usage last = std::move(usages.back());
      usages.pop_back();
      usages.back() = both(std::move(usages.back()), std::move(last));
    }
    return std::move(usages.front());
  }

  const TestCycles cycles_{GetParam()};
  MeterOptions options_;
  std::mt19937_64 random_{1};
};

TEST_P(MeterTest, SumsAreThoseOfAPlainMap) {
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const Events events = random_events(seed, seed * 100);
      ASSERT_EQ(close_to_rows(options_, meter(options_, events)), plainly(options_, events))
          << seed;
    }
  }
}

TEST_P(MeterTest, NumberOfPartitionsDoesNotMatter) {
  const Events events = random_events(1, 3000);
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    const Rows expected = plainly(options_, events);
    for (options_.partition_bits = 0; options_.partition_bits <= 12; ++options_.partition_bits)
      ASSERT_EQ(close_to_rows(options_, meter(options_, events)), expected)
          << options_.partition_bits;
  }
}

TEST_P(MeterTest, TheFormOfRecordsDoesNotMatter) {
  options_.knobs = std::make_shared<const EngineKnobs>(EngineKnobs{.wide_records = true});
  const Events events = random_events(2, 3000);
  EXPECT_EQ(close_to_rows(options_, meter(options_, events)), plainly(options_, events));
}

/// Those of cycles of calls are packed into 64 bits where they fit.
TEST_P(MeterTest, TheRangeOfTimesAndQuantitiesDoesNotMatter) {
  for (const unsigned time_bits : {1U, 12U, 25U, 32U}) {
    for (const unsigned quantity_bits : {1U, 10U, 19U, 20U, 21U, 31U, 32U}) {
      Events events;
      for (int i = 0; i < 500; ++i) {
        const auto time_s = static_cast<std::int64_t>(random_() >> (64 - time_bits));
        events.push_back({time_s * kSecond_ns, "user" + std::to_string(random_() % 9),
                          "task" + std::to_string(random_() % 5),
                          static_cast<std::uint16_t>(random_() % (kMaxStatus + 1)),
                          static_cast<std::int64_t>(random_() >> (64 - quantity_bits))});
      }
      ASSERT_EQ(close_to_rows(options_, merged_at_random(usages(events, 3))),
                plainly(options_, events))
          << time_bits << " bits of time, " << quantity_bits << " of quantities";
    }
  }
}

TEST_P(MeterTest, AnyTreeOfMergesGivesTheSameSums) {
  const Events events = random_events(3, 2000);
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    const Rows expected = plainly(options_, events);
    for (int i = 0; i < 10; ++i)
      ASSERT_EQ(close_to_rows(options_, merged_at_random(usages(events, 5))), expected);
  }
}

TEST_P(MeterTest, AMeterGoesOnAfterUsageOfAnother) {
  const Events first = random_events(7, 1000);
  const Events second = random_events(8, 1000);
  Events all;
  for (const Events& events : {first, second, first, second})
    all.insert(all.end(), events.begin(), events.end());
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    Meter some(options_);
    add(some, first);
    some.add(meter(options_, second));
    add(some, first);
    EXPECT_EQ(close_to_rows(options_, merge(some.finish(), meter(options_, second))),
              plainly(options_, all));
  }
}

TEST_P(MeterTest, UsageOfAnotherRunIsRefused) {
  MeterOptions other = options_;
  other.first_keys = make_first_keys();
  EXPECT_THROW(merge(meter(options_, {}), meter(other, {})), std::invalid_argument);
  Meter some(options_);
  EXPECT_THROW(some.add(meter(other, {})), std::invalid_argument);
}

TEST_P(MeterTest, TasksOfManyMetersMayBeTooManyForSmallNumbers) {
  std::vector<Usage> usages;
  Meter all(options_);
  Events all_events;
  for (int part = 0; part < 3; ++part) {
    Events events;
    for (int i = 0; i < 30'000; ++i)
      events.push_back({i * kSecond_ns, "u", "task" + std::to_string(part * 30'000 + i)});
    all.add(meter(options_, events));
    usages.push_back(meter(options_, events));
    all_events.insert(all_events.end(), events.begin(), events.end());
  }
  const Rows expected = plainly(options_, all_events);
  EXPECT_EQ(close_to_rows(options_, all.finish()), expected);
  Usage merged = merge(merge(std::move(usages[0]), std::move(usages[1])), std::move(usages[2]));
  EXPECT_EQ(close_to_rows(options_, std::move(merged)), expected);
}

TEST_P(MeterTest, UsersWhoAreKnownTakeNoMoreMemory) {
  options_.key = {true, false};
  for (const int tasks : {1, 3, 6}) {
    options_.first_keys = make_first_keys();
    std::vector<Events> parts(2);
    for (int i = 0; i < 10'000; ++i) {
      for (std::size_t part = 0; part < parts.size(); ++part) {
        const auto task = static_cast<std::size_t>(i) % 3 + part * static_cast<std::size_t>(tasks);
        parts[part].push_back({0, "user" + std::to_string(i), "task" + std::to_string(task)});
      }
    }
    Meter some(options_);
    add(some, parts[0]);
    ASSERT_TRUE(some.keeps_sums_in_place());
    const std::size_t before_bytes = some.memory_bytes();
    some.add(meter(options_, parts[1]));
    EXPECT_LT(some.memory_bytes(), before_bytes + 1000) << "more than the names of tasks";
  }
}

TEST_P(MeterTest, EmptyUsageChangesNothing) {
  const Events events = random_events(4, 300);
  Usage usage = merge(meter(options_, {}), meter(options_, events));
  usage = merge(std::move(usage), meter(options_, {}));
  EXPECT_EQ(close_to_rows(options_, std::move(usage)), plainly(options_, events));
  EXPECT_EQ(close_to_rows(options_, merge(meter(options_, {}), meter(options_, {}))), Rows());
}

TEST_P(MeterTest, NoBlockEndsInsideOfALine) {
  Events events;
  for (std::int64_t i = 0; i < 40'000; ++i) {
    events.push_back(
        {i % 30'000 * kSecond_ns, i % 3 == 0 ? "one" : "two", "task" + std::to_string(i % 5)});
  }
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    const auto sums = sums_of(options_, meter(options_, events));
    std::pair<std::string, std::int64_t> last;
    const auto reader = sums->read();
    for (SumBlock block; reader->next(block);) {
      reader->load(block);
      ASSERT_FALSE(block.rows.empty());
      const std::pair first(std::string(block.rows.front().user), block.rows.front().cycle);
      if (block.index > 0) {
        ASSERT_LT(last, first);
      }
      last = {std::string(block.rows.back().user), block.rows.back().cycle};
    }
    EXPECT_EQ(rows_of(*sums), plainly(options_, events));
  }
}

TEST_P(MeterTest, BlocksMayBeLoadedInAnyOrder) {
  const auto sums = sums_of(options_, meter(options_, random_events(5, 20'000)));
  const Rows expected = rows_of(*sums);
  const auto reader = sums->read();
  std::vector<SumBlock> blocks(1);
  while (reader->next(blocks.back())) blocks.emplace_back();
  std::size_t rows = 0;
  for (auto block = blocks.rbegin() + 1; block != blocks.rend(); ++block) {
    reader->load(*block);
    rows += block->rows.size();
  }
  EXPECT_EQ(rows, expected.size());
  EXPECT_EQ(rows_of(*sums), expected);
}

TEST_P(MeterTest, ManyUsersWithNamesOfAllLengths) {
  Events events;
  for (std::size_t i = 0; i < 20'000; ++i) {
    events.push_back({static_cast<std::int64_t>(i % 100) * kSecond_ns,
                      std::string(i % 255, 'u') + std::to_string(i % 7), "t"});
  }
  for (Event& event : events) event.user.resize(std::min(event.user.size(), kMaxNameBytes));
  EXPECT_EQ(close_to_rows(options_, meter(options_, events)), plainly(options_, events));
}

/// What was metered for more serves whoever needs less of it.
TEST_P(MeterTest, UsageOfAWiderKeyMakesTheSumsOfANarrowerOne) {
  const auto nothing = [] {};
  const Events events = random_events(17, 3000);
  for (const UsageKey& kept : all_keys()) {
    for (const UsageKey& wanted : all_keys()) {
      if (!kept.holds(wanted)) continue;
      options_.key = wanted;
      const Rows expected = plainly(options_, events);
      options_.key = kept;
      SumRules rules = sum_rules_of(options_);
      rules.wanted = wanted;
      EXPECT_EQ(rows_of(*make_sums(close(meter(options_, events), nothing), rules, nothing)),
                expected)
          << kept.user << kept.cycle << kept.parts() << " to " << wanted.user << wanted.cycle
          << wanted.parts();
    }
  }
  options_.key = {true, false};
  SumRules rules = sum_rules_of(options_);
  rules.wanted = {true, true};
  EXPECT_THROW(make_sums(close(meter(options_, events), nothing), rules, nothing),
               std::invalid_argument);
}

/// Whatever is added up first, and in whichever meters.
TEST_P(MeterTest, SumsBeyond64BitsAreExact) {
  for (const UsageKey& key : all_keys()) {
    options_.key = key;
    Events events(40'000, {0, "u", "t", 200, kMaxQuantity});
    const auto rows_of_events = [&] { return close_to_rows(options_, meter(options_, events)); };
    EXPECT_EQ(rows_of_events(), plainly(options_, events));
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (i % 2 == 1) events[i].quantity = -kMaxQuantity;
    }
    EXPECT_EQ(rows_of_events(), plainly(options_, events));
    std::sort(events.begin(), events.end(),
              [](const Event& a, const Event& b) { return a.quantity < b.quantity; });
    EXPECT_EQ(rows_of_events(), plainly(options_, events));
    EXPECT_EQ(close_to_rows(options_, merged_at_random(usages(events, 5))),
              plainly(options_, events));
  }
}

TEST_P(MeterTest, SumsPerUserMayGrowBeyondTheirPlace) {
  for (const UsageKey& key : {UsageKey{true, false}, UsageKey{true, false}}) {
    options_.key = key;
    for (const std::uint64_t tasks : {1U, 3U, 6U, 7U, 50U}) {
      for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const Events events = heavy_events(seed, 2000, tasks);
        const Rows expected = plainly(options_, events);
        ASSERT_EQ(close_to_rows(options_, meter(options_, events)), expected);
        ASSERT_EQ(close_to_rows(options_, merged_at_random(usages(events, 2 + seed))), expected);
      }
    }
  }
}

TEST_P(MeterTest, CallsPerUserMayGrowBeyondTheirPlace) {
  options_.key = {true, false};
  const Events events(3'000'000, {0, "u", "t", 200, 1});
  std::vector<Usage> usages;
  for (int i = 0; i < 6; ++i) usages.push_back(meter(options_, events));
  EXPECT_EQ(close_to_rows(options_, merged_at_random(std::move(usages))),
            Rows({{"u", 0, "t", 18'000'000, 18'000'000}}));
}

TEST_P(MeterTest, TasksOfEachMeterMayBeFewAndAllOfThemMany) {
  options_.key = {true, false};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::vector<Usage> parts;
    Events all;
    for (std::uint64_t part = 0; part < 4; ++part) {
      Events events = heavy_events(seed * 4 + part, 300, 3);
      for (Event& event : events) event.task += std::to_string(part * seed % 5);
      parts.push_back(meter(options_, events));
      all.insert(all.end(), events.begin(), events.end());
    }
    ASSERT_EQ(close_to_rows(options_, merged_at_random(std::move(parts))), plainly(options_, all))
        << seed;
  }
}

TEST_P(MeterTest, AnExceptionOfTheCheckpointEndsClosing) {
  const auto fail = [] { throw std::runtime_error("cancelled"); };
  EXPECT_THROW(close(meter(options_, random_events(6, 100)), fail), std::runtime_error);
}

TEST_P(MeterTest, NamesMayChangeAfterTheCall) {
  Event event{0, "user", "task"};
  Meter meter(options_);
  const auto batch = std::make_unique<EventBatch>();
  for (const char* name : {"first", "second", "a name that is longer than sixteen bytes"}) {
    std::string user = name;
    batch->size = 1;
    batch->time_ns[0] = 0;
    batch->user[0] = batch->task[0] = user;
    batch->status[0] = 200;
    batch->quantity[0] = 1;
    meter.add(*batch);
    std::fill(user.begin(), user.end(), '?');
  }
  for (const Row& row : close_to_rows(options_, meter.finish())) EXPECT_EQ(row.user, row.task);
}

INSTANTIATE_TEST_SUITE_P(CallsPerCycle, MeterTest,
                         testing::Values(0, 1, 3, 5, 1000, 1'000'000'007));

TEST(SpentMeterTest, WhatIsSpentSaysSo) {
  const auto cycles = make_cycle_policy({"month", "UTC", std::nullopt});
  MeterOptions options;
  options.cycles = cycles.get();
  Meter meter(options);
  Usage usage = meter.finish();
  EXPECT_THROW(meter.finish(), std::logic_error);
  EXPECT_THROW(meter.memory_bytes(), std::logic_error);
  EXPECT_THROW(meter.add(*std::make_unique<EventBatch>()), std::logic_error);
  Meter other(options);
  other.add(std::move(usage));
  EXPECT_THROW(other.add(std::move(usage)), std::logic_error);  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace billing
