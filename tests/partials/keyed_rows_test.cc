#include "partials/keyed_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "partials/keyed_record.h"

namespace billing {
namespace {

using Pairs = std::vector<std::pair<RecordKey, std::string>>;

bool by_bytes(std::string_view a, std::string_view b) { return a < b; }

class KeyedRowsTest : public testing::Test {
 protected:
  SpillOptions options() {
    SpillOptions options;
    options.folder = testing::TempDir();
    options.merge_bytes = 64 << 10;
    options.spilled_bytes = &spilled_bytes_;
    return options;
  }

  static Pairs all_of(const KeyedRuns& runs) {
    Pairs pairs;
    for (std::size_t range = 0; range < kKeyRanges; ++range) {
      const auto rows = runs.read(range, 1);
      for (KeyedRow row; rows->next(row);) pairs.emplace_back(row.key, row.bytes);
    }
    return pairs;
  }

  /// Rows of few keys, of which some are long.
  static Pairs random_rows(std::size_t count) {
    std::mt19937_64 random(3);
    Pairs pairs;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string bytes(random() % 500 == 0 ? 100'000 : random() % 20,
                              static_cast<char>('a' + random() % 26));
      pairs.push_back({{random() % 50 * 0x0512'3456'789A'BCDE, random() % 3}, bytes});
    }
    return pairs;
  }

  std::uint64_t spilled_bytes_ = 0;
};

TEST_F(KeyedRowsTest, NothingIsNothing) {
  KeyedRuns runs(options(), by_bytes);
  KeyedRows(runs, 1000).finish();
  EXPECT_TRUE(all_of(runs).empty());
}

TEST_F(KeyedRowsTest, RowsOfSeveralThreadsComeInOrderFromMemory) {
  Pairs expected = random_rows(2'000);
  KeyedRuns runs(options(), by_bytes);
  KeyedRows one(runs, 1 << 30);
  KeyedRows other(runs, 1 << 30);
  for (std::size_t i = 0; i < expected.size(); ++i)
    (i % 3 == 0 ? one : other).add(expected[i].first, expected[i].second);
  one.finish();
  other.finish();
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(all_of(runs) == expected);
  EXPECT_EQ(spilled_bytes_, 0u);
}

/// So many files that some are merged, and their merges as well.
TEST_F(KeyedRowsTest, RowsComeInOrderFromManyFiles) {
  Pairs expected = random_rows(6'000);
  KeyedRuns runs(options(), by_bytes);
  KeyedRows rows(runs, 0);
  for (const auto& [key, bytes] : expected) {
    rows.add(key, bytes);
    if (bytes.size() % 2 == 0) rows.make_room();
  }
  rows.finish();
  std::sort(expected.begin(), expected.end());
  EXPECT_TRUE(all_of(runs) == expected);
  EXPECT_GT(spilled_bytes_, 1'000'000u);
}

std::string row_of(std::int64_t time_ns, std::string_view user,
                   const std::vector<KeyedEvent>& events, std::uint32_t input = 0,
                   std::uint64_t offset_bytes = 0, std::uint16_t status = 200) {
  std::string bytes;
  for (const KeyedEvent& event : events) append_event(bytes, event);
  std::string row;
  append_record(row, {time_ns, offset_bytes, input, status, user, bytes, "rest"});
  return row;
}

TEST(KeyedRecord, ComesBackAsItWas) {
  const std::string user(255, 'u');
  const std::string task(255, 't');
  const std::string row = row_of(-5, user, {{-7, task}, {9, "b"}}, 3, 1ULL << 40, 999);
  const KeyedRecord kept = keyed_record(row);
  EXPECT_EQ(kept.time_ns, -5);
  EXPECT_EQ(kept.user, user);
  EXPECT_EQ(kept.input, 3u);
  EXPECT_EQ(kept.offset_bytes, 1ULL << 40);
  EXPECT_EQ(kept.status, 999);
  EXPECT_EQ(kept.rest, "rest");
  std::string_view events = kept.events;
  const KeyedEvent first = take_event(events);
  EXPECT_EQ(first.quantity, -7);
  EXPECT_EQ(first.task, task);
  EXPECT_EQ(take_event(events).task, "b");
  EXPECT_TRUE(events.empty());
}

TEST(KeyedRecord, KeepsWhatWasRounded) {
  for (const QuantityRounding& rounding : {QuantityRounding{}, QuantityRounding{1, -1},
                                           QuantityRounding{1ULL << 40, Int128{1} << 100}}) {
    std::string row;
    append_record(row, {1, 2, 3, 4, "u", "", "rest", rounding});
    EXPECT_EQ(keyed_record(row).rounding, rounding);
    EXPECT_EQ(keyed_record(row).rest, "rest");
  }
}

TEST(KeyedRecord, TheSmallestEventIsFirst) {
  const std::vector<std::string> order = {
      row_of(-1, "z", {{9, "z"}}),           row_of(1, "a", {{9, "b"}}),
      row_of(1, "ab", {{9, "a"}}),           row_of(1, "b", {{-5, "a"}}, 0, 0, 100),
      row_of(1, "b", {{-6, "a"}}),           row_of(1, "b", {{-5, "a"}}, 0, 7),
      row_of(1, "b", {{-5, "a"}}, 1, 0),     row_of(1, "b", {{-5, "a"}, {0, "c"}}),
      row_of(1, "b", {{-5, "a"}, {1, "c"}}), row_of(1, "b", {{-9, "b"}}),
  };
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = 0; j < order.size(); ++j)
      EXPECT_EQ(smallest_first(order[i], order[j]), i < j) << i << " " << j;
  }
}

TEST(KeyedRecord, OrTheLargestSumAndOfTheseTheSmallest) {
  const std::string small = row_of(1, "a", {{9, "a"}});
  const std::string large = row_of(5, "b", {{5, "a"}, {5, "b"}});
  const std::string later = row_of(6, "b", {{10, "a"}});
  EXPECT_TRUE(largest_first(large, small));
  EXPECT_FALSE(largest_first(small, large));
  EXPECT_TRUE(largest_first(large, later));
  EXPECT_FALSE(largest_first(large, large));
}

}  // namespace
}  // namespace billing
