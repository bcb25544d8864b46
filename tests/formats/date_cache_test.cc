#include "formats/date_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace billing {
namespace {

class DateCacheTest : public testing::Test {
 protected:
  /// Asks with the byte behind the date, which is a T in a time.
  void expect_right(const std::string& date, char behind = 'T') {
    const std::string text = date + behind;
    const std::int64_t* const start_ns = dates_.find(text.c_str());
    const auto days = parse_date_days(date);
    ASSERT_EQ(start_ns != nullptr, days.has_value() && behind == 'T') << text;
    if (start_ns != nullptr) {
      ASSERT_EQ(*start_ns, *days * kSecondsPerDay * kNanosecondsPerSecond) << text;
    }
  }

  static std::string date(std::int64_t days) {
    std::string text;
    append_date(civil_from_days(days), text);
    return text;
  }

  DateCache dates_;
};

TEST_F(DateCacheTest, EveryDayIsRightWhateverCameBefore) {
  std::vector<std::int64_t> days;
  for (std::int64_t day = 0; day < days_from_civil({2262, 1, 1}); ++day) days.push_back(day);
  for (const std::int64_t day : days) expect_right(date(day));
  std::shuffle(days.begin(), days.end(), std::mt19937_64(1));
  for (const std::int64_t day : days) expect_right(date(day));
}

TEST_F(DateCacheTest, ADateOutsideTheYearsIsNone) {
  for (const char* date : {"1969-12-31", "2262-01-01", "0000-00-00", "9999-12-31"})
    expect_right(date);
}

TEST_F(DateCacheTest, NoOtherByteIsTakenForOneOfAKnownDate) {
  for (const std::string known : {"2025-05-02", "2024-02-29", "1970-01-01"}) {
    for (std::size_t at = 0; at < known.size(); ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string other = known;
        other[at] = static_cast<char>(byte);
        expect_right(known);
        expect_right(other);
      }
    }
    for (int byte = 0; byte < 256; ++byte) expect_right(known, static_cast<char>(byte));
  }
}

TEST_F(DateCacheTest, ZerosAreNoDate) {
  const std::string zeros(16, '\0');
  EXPECT_EQ(dates_.find(zeros.data()), nullptr);
}

}  // namespace
}  // namespace billing
