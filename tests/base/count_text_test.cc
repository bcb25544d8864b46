#include "base/count_text.h"

#include <gtest/gtest.h>

#include <string>

namespace billing {
namespace {

TEST(CountText, GroupsDigitsByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped_number("123456789012345678901"), "123,456,789,012,345,678,901");
  EXPECT_EQ(grouped_number("-1234.56789"), "-1,234.56789");
  EXPECT_EQ(grouped_number("+999.5"), "+999.5");
  EXPECT_EQ(grouped_number("100000"), "100,000");
}

TEST(CountText, CountsOneOfAThingWithoutAnS) {
  EXPECT_EQ(counted(0, "line"), "0 lines");
  EXPECT_EQ(counted(1, "line"), "1 line");
  EXPECT_EQ(counted(1234, "call"), "1,234 calls");
}

TEST(CountText, EndsAListAfterTen) {
  const auto append = [](std::string& out, std::size_t i) { out += std::to_string(i); };
  EXPECT_EQ(listed(0, 0, append), "");
  EXPECT_EQ(listed(2, 2, append), "0, 1");
  EXPECT_EQ(listed(10, 10, append), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9");
  EXPECT_EQ(listed(12, 1234, append), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 1,224 more");
}

}  // namespace
}  // namespace billing
