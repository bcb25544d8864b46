#include "engine/sort_records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace billing {
namespace {

bool same(const CompactRecord& a, const CompactRecord& b) {
  return a.order() == b.order() && a.quantity() == b.quantity() && a.user() == b.user();
}
bool same(const PackedEvent& a, const PackedEvent& b) { return a.bits == b.bits; }
bool same(const WideRecord& a, const WideRecord& b) {
  return a.when == b.when && a.task == b.task && a.extra == b.extra && a.quantity == b.quantity &&
         a.user == b.user;
}

/// `spread` values of each part of a record; times from `first` on.
template <class Record>
void expect_sorted(std::size_t count, std::uint64_t first, std::uint64_t spread) {
  std::mt19937_64 random(count * 31 + spread);
  std::vector<Record> records;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t when = first + random() % spread;
    const auto extra = static_cast<std::uint16_t>(random() % spread);
    const auto task = static_cast<std::uint16_t>(random() % std::min<std::uint64_t>(spread, 5));
    const auto quantity = static_cast<std::uint32_t>(random() % spread);
    if constexpr (std::is_same_v<Record, CompactRecord>) {
      records.push_back(Record(when, extra, quantity, task, 7));
    } else if constexpr (std::is_same_v<Record, PackedEvent>) {
      records.push_back({when << 31 | quantity >> 1});
    } else {
      records.push_back({static_cast<std::int64_t>(when), extra, quantity, task, 7});
    }
  }
  std::vector<Record> expected = records;
  std::sort(expected.begin(), expected.end());
  RecordSorter sorter;
  for (int time = 0; time < 2; ++time) {  // also when they are sorted already
    sorter.sort(records.data(), records.data() + count);
    ASSERT_TRUE(std::equal(records.begin(), records.end(), expected.begin(), expected.end(),
                           [](const Record& a, const Record& b) { return same(a, b); }))
        << count << " records, " << spread << " values";
  }
}

TEST(SortRecordsTest, SortsAsTheStandardLibraryDoes) {
  for (const std::uint64_t spread : {1U, 2U, 5U, 100U, 30'000'000U, 4'000'000'000U}) {
    for (std::size_t count = 0; count < 100; ++count) {
      expect_sorted<CompactRecord>(count, 0, spread);
      expect_sorted<WideRecord>(count, 0, spread);
      expect_sorted<PackedEvent>(count, 0, spread);
    }
    for (const std::size_t count : {1000U, 20'000U, 131'072U, 131'073U, 300'000U}) {
      expect_sorted<CompactRecord>(count, 290'000'000, spread);
      expect_sorted<PackedEvent>(count, 290'000'000, spread);
    }
    expect_sorted<WideRecord>(300'000, 290'000'000, spread);
  }
}

TEST(SortRecordsTest, TimesThatAreFarApartDoNotMatter) {
  std::vector<CompactRecord> records;
  for (std::uint32_t i = 0; i < 5000; ++i) records.push_back({5000 - i, 200, i, 1, 0});
  records.push_back({4'294'967'295, 200, 1, 65'535, 0});
  records.push_back({0, 0, 0, 0, 0});
  RecordSorter().sort(records.data(), records.data() + records.size());
  EXPECT_TRUE(std::is_sorted(records.begin(), records.end()));
}

}  // namespace
}  // namespace billing
