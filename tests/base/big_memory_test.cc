#include "base/big_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <new>
#include <utility>

namespace billing {
namespace {

bool is_zero(const BigMemory& memory) {
  return std::all_of(memory.data(), memory.data() + memory.bytes(),
                     [](std::byte byte) { return byte == std::byte{0}; });
}

TEST(BigMemory, IsZeroedOnPagesOfAnySize) {
  for (const std::size_t bytes : {1U, 4095U, 4096U, 2U << 20, (6U << 20) + 1}) {
    const BigMemory memory(bytes);
    EXPECT_EQ(memory.bytes(), bytes);
    EXPECT_TRUE(is_zero(memory));
  }
}

TEST(BigMemory, NothingHasNoData) {
  EXPECT_EQ(BigMemory().data(), nullptr);
  EXPECT_EQ(BigMemory(0).data(), nullptr);
}

TEST(BigMemory, MovingHandsTheMemoryOver) {
  BigMemory first(4096);
  std::byte* const data = first.data();
  data[4095] = std::byte{7};
  BigMemory second = std::move(first);
  EXPECT_EQ(second.data(), data);
  EXPECT_EQ(second.data()[4095], std::byte{7});
  BigMemory third(10);
  third = std::move(second);
  EXPECT_EQ(third.data(), data);
  EXPECT_EQ(third.bytes(), 4096u);
}

TEST(BigMemory, MoreThanThereIsThrows) {
  EXPECT_THROW(BigMemory(std::numeric_limits<std::size_t>::max() / 2), std::bad_alloc);
}

}  // namespace
}  // namespace billing
