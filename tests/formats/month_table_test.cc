#include "formats/month_table.h"

#include <gtest/gtest.h>

namespace billing {
namespace {

TEST(MonthTableTest, HoldsEveryMonthAndNoOther) {
  EXPECT_EQ(kMonths[0].days(), 0u);
  for (std::uint32_t i = 0; i < kMonths.size(); ++i) {
    const int year = kFirstYear + static_cast<int>(i / kMonthsPerYear);
    const int month = static_cast<int>(i % kMonthsPerYear);
    if (month < 1 || month > 12) {
      EXPECT_EQ(kMonths[i].days(), 0u) << i;
      continue;
    }
    EXPECT_EQ(kMonths[i].days(), static_cast<std::uint32_t>(days_in_month(year, month)));
    EXPECT_EQ(kMonths[i].first_day(), days_from_civil({year, month, 1}));
    EXPECT_EQ(static_cast<std::uint32_t>(year) * kMonthsPerYear +
                  static_cast<std::uint32_t>(month) + kMonthOrigin,
              i);
  }
}

}  // namespace
}  // namespace billing
