#include "engine/packed_event.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <tuple>
#include <vector>

namespace billing {
namespace {

constexpr std::uint32_t k16Bits = 0xFFFF;
constexpr std::uint32_t k32Bits = 0xFFFFFFFF;

std::optional<PackedForm> form_of(const std::vector<CompactRecord>& events, std::size_t tasks) {
  EventWidths widths;
  for (const CompactRecord& event : events) widths.add(event);
  return PackedForm::holding(widths, tasks);
}

auto parts_of(const CompactRecord& event) {
  return std::tuple(event.when(), event.task(), event.extra(), event.quantity());
}

/// With times from `first` on and so many bits for the time, task, status and quantity.
std::vector<CompactRecord> events_of(std::uint32_t first, unsigned when_bits, unsigned task_bits,
                                     unsigned status_bits, unsigned quantity_bits) {
  std::mt19937_64 random(when_bits * 100 + quantity_bits);
  const auto some = [&](unsigned bits) { return random() & ((std::uint64_t{1} << bits) - 1); };
  const auto most = [](unsigned bits) { return (std::uint64_t{1} << bits) - 1; };
  std::vector<CompactRecord> events{
      {first, 0, 0, 0, 1},
      {first + most(when_bits), most(status_bits), static_cast<std::int64_t>(most(quantity_bits)),
       static_cast<std::uint32_t>(most(task_bits)), 2}};
  for (int i = 0; i < 100; ++i) {
    events.push_back({first + some(when_bits), some(status_bits),
                      static_cast<std::int64_t>(some(quantity_bits)),
                      static_cast<std::uint32_t>(some(task_bits)), 3});
  }
  return events;
}

void expect_held(const std::vector<CompactRecord>& events, std::size_t tasks) {
  const std::optional<PackedForm> form = form_of(events, tasks);
  ASSERT_TRUE(form);
  for (const CompactRecord& a : events) {
    const PackedEvent packed = form->pack(a, a.task());
    ASSERT_EQ(parts_of(form->unpack(packed)), parts_of(a));
    for (const CompactRecord& b : events)
      ASSERT_EQ(packed < form->pack(b, b.task()), parts_of(a) < parts_of(b));
  }
}

TEST(PackedFormTest, HoldsWhatFitsInto63BitsInTheOrderOfRecords) {
  expect_held(events_of(1'735'689'600, 25, 3, 10, 14), 8);  // a year
  expect_held(events_of(0, 32, 3, 10, 18), 8);
  expect_held(events_of(0, 0, 16, 15, 32), 65'536);
  expect_held(events_of(k32Bits, 0, 0, 0, 0), 1);
  expect_held(events_of(7, 0, 0, 16, 32), 1);
  expect_held(events_of(7, 31, 0, 0, 32), 1);
}

TEST(PackedFormTest, IsNoneWhereOneBitIsLacking) {
  EXPECT_FALSE(form_of(events_of(0, 32, 3, 10, 19), 8));
  EXPECT_FALSE(form_of(events_of(0, 32, 3, 10, 18), 9));
  EXPECT_FALSE(form_of(events_of(0, 32, 3, 11, 18), 8));
  EXPECT_FALSE(form_of(events_of(0, 0, 16, 16, 32), 65'536));
  EXPECT_FALSE(form_of({{0, k16Bits, k32Bits, 0, 1}, {k32Bits, 0, 0, k16Bits, 1}}, 65'536));
}

TEST(PackedFormTest, IsNoneForNoEvents) { EXPECT_FALSE(form_of({}, 5)); }

TEST(PackedFormTest, PutsTheRankInThePlaceOfTheTask) {
  const CompactRecord event(100, 200, 300, 65'535, 4);
  const std::optional<PackedForm> form = form_of({event}, 3);
  ASSERT_TRUE(form);
  EXPECT_EQ(parts_of(form->unpack(form->pack(event, 2))), std::tuple(100U, 2U, 200U, 300U));
}

}  // namespace
}  // namespace billing
