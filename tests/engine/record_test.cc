#include "engine/record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <tuple>
#include <vector>

#include "engine/paged_records.h"

namespace billing {
namespace {

constexpr std::uint64_t k16Bits = 0xFFFF;
constexpr std::uint64_t k32Bits = 0xFFFFFFFF;

TEST(CompactRecord, HoldsWhatFits) {
  ASSERT_TRUE(CompactRecord::fits(k32Bits, k16Bits, k32Bits, k16Bits));
  const CompactRecord record(k32Bits, k16Bits - 1, k32Bits, k16Bits, 7);
  EXPECT_EQ(record.when(), k32Bits);
  EXPECT_EQ(record.extra(), k16Bits - 1);
  EXPECT_EQ(record.quantity(), k32Bits);
  EXPECT_EQ(record.task(), k16Bits);
  EXPECT_EQ(record.user(), 7u);
}

TEST(CompactRecord, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(CompactRecord::fits(0, 0, 0, 0));
  EXPECT_FALSE(CompactRecord::fits(k32Bits + 1, 0, 0, 0));
  EXPECT_FALSE(CompactRecord::fits(-1, 0, 0, 0));
  EXPECT_FALSE(CompactRecord::fits(0, k16Bits + 1, 0, 0));
  EXPECT_FALSE(CompactRecord::fits(0, 0, k32Bits + 1, 0));
  EXPECT_FALSE(CompactRecord::fits(0, 0, 0, k16Bits + 1));
}

TEST(CompactRecord, WidensToTheSameEvent) {
  const WideRecord wide = widen(CompactRecord(k32Bits, 599, 12, 34, 56), 1'000'000'000);
  EXPECT_EQ(wide.when, std::int64_t{0xFFFFFFFF} * 1'000'000'000);
  EXPECT_EQ(std::tie(wide.extra, wide.quantity, wide.task, wide.user),
            std::make_tuple(std::uint64_t{599}, std::uint64_t{12}, 34U, 56U));
}

TEST(CompactRecord, IsOrderedByWhenTaskExtraAndQuantityAsTheWideFormIs) {
  const std::vector<std::uint32_t> some{0, 1, 255, 256, 0x7FFF, 0x8000, 0xFFFF};
  std::mt19937_64 random(1);
  const auto one = [&] { return some[random() % some.size()]; };
  for (int i = 0; i < 100'000; ++i) {
    const auto when_a = one() << 16, when_b = random() % 2 == 0 ? when_a : one() << 16;
    const CompactRecord a(when_a, one(), one(), one(), 1), b(when_b, one(), one(), one(), 1);
    const auto order = [](const auto& r) {
      return std::tuple(r.when(), r.task(), r.extra(), r.quantity());
    };
    ASSERT_EQ(a < b, order(a) < order(b));
    ASSERT_EQ(widen(a, 1) < widen(b, 1), order(a) < order(b));
  }
}

TEST(WideRecord, OrdersTimesBefore1970First) {
  EXPECT_LT((WideRecord{-1, 9, 9, 9, 0}), (WideRecord{0, 0, 0, 0, 0}));
}

template <class Record>
class PagedRecordsTest : public testing::Test {
 protected:
  static Record numbered(std::uint32_t n) {
    if constexpr (std::is_same_v<Record, WideRecord>)
      return {n, n, n, n, n};
    else
      return Record(n, 0, n, 0, n);
  }

  void append(std::uint32_t begin, std::uint32_t end) {
    for (std::uint32_t n = begin; n < end; ++n) records_.append(numbered(n), pool_);
  }

  void expect_numbered(std::size_t count) const {
    ASSERT_EQ(records_.size(), count);
    std::size_t n = 0;
    records_.for_each([&](const Record& record) {
      ASSERT_EQ(std::memcmp(&record, &records_[n], sizeof(Record)), 0);
      const Record expected = numbered(static_cast<std::uint32_t>(n++));
      ASSERT_FALSE(record < expected || expected < record);
    });
    EXPECT_EQ(n, count);
  }

  PagePool pool_;
  PagedRecords<Record> records_;
};

using Records = testing::Types<CompactRecord, WideRecord>;
TYPED_TEST_SUITE(PagedRecordsTest, Records);

TYPED_TEST(PagedRecordsTest, AnEmptyListHasNoRecords) { this->expect_numbered(0); }

TYPED_TEST(PagedRecordsTest, EverySizeAroundAPageIsKept) {
  const auto page = static_cast<std::uint32_t>(PagedRecords<TypeParam>::kPerPage);
  std::uint32_t size = 0;
  for (const std::uint32_t next : {1U, page - 1, page, page + 1, 2 * page, 10 * page + 3}) {
    this->append(size, next);
    size = next;
    this->expect_numbered(size);
  }
}

TYPED_TEST(PagedRecordsTest, ReleasedPagesAreUsedAgain) {
  for (int round = 0; round < 5; ++round) {
    this->append(0, 50'000);
    this->expect_numbered(50'000);
    this->records_.release(this->pool_);
    this->expect_numbered(0);
  }
}

TYPED_TEST(PagedRecordsTest, ManyListsShareAPool) {
  std::vector<PagedRecords<TypeParam>> lists(300);
  for (std::uint32_t n = 0; n < 100'000; ++n) lists[n % 300].append(this->numbered(n), this->pool_);
  std::size_t records = 0;
  for (const auto& list : lists) records += list.size();
  EXPECT_EQ(records, 100'000u);
}

}  // namespace
}  // namespace billing
