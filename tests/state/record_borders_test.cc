#include "state/record_borders.h"

#include <gtest/gtest.h>

#include <string>

namespace billing {
namespace {

constexpr std::uint64_t kNowhere = 999;

std::uint64_t behind(RecordEnds ends, const std::string& bytes, std::uint64_t at) {
  return RecordBorders(ends, bytes).border_behind(at).value_or(kNowhere);
}

TEST(RecordBorders, BlanksBehindARecordChangeItUnlessItIsOfTheFormatText) {
  EXPECT_EQ(behind(RecordEnds::text_lines, "ab \t\r\ncd\n", 2), 6U);
  EXPECT_EQ(behind(RecordEnds::lines, "ab \t\r\ncd\n", 2), kNowhere);
  EXPECT_EQ(behind(RecordEnds::quoted, "ab \n", 2), kNowhere);
}

TEST(RecordBorders, OneCrBelongsToALineEnd) {
  for (const RecordEnds ends : {RecordEnds::lines, RecordEnds::quoted}) {
    EXPECT_EQ(behind(ends, "ab\ncd\n", 2), 3U);
    EXPECT_EQ(behind(ends, "ab\r\ncd\n", 2), 4U);
    EXPECT_EQ(behind(ends, "ab\r\ncd\n", 3), 4U);
    EXPECT_EQ(behind(ends, "ab\r\r\n", 3), kNowhere);
    EXPECT_EQ(behind(ends, "ab\r", 2), 3U);
    EXPECT_EQ(behind(ends, "ab", 2), 2U);
    EXPECT_EQ(behind(ends, "abc\n", 2), kNowhere);
  }
}

TEST(RecordBorders, ALineEndWithinQuotesIsNone) {
  const std::string bytes = "a,\"x\ny\"\nb\n\"\n";
  EXPECT_EQ(behind(RecordEnds::quoted, bytes, 5), kNowhere);
  EXPECT_EQ(behind(RecordEnds::lines, bytes, 5), 5U);
  EXPECT_EQ(behind(RecordEnds::quoted, bytes, 8), 8U);
  const RecordBorders borders(RecordEnds::quoted, bytes);
  EXPECT_EQ(borders.last_border(0, bytes.size()), 10U);  // behind it a quote is open
  EXPECT_EQ(borders.last_border(0, 9), 8U);
  EXPECT_EQ(borders.last_border(0, 7), 0U);
  EXPECT_EQ(borders.ends_in(0, bytes.size()), 2U);
  EXPECT_EQ(borders.records_in(0, 8), 1U);
  EXPECT_EQ(borders.records_in(0, 5), 0U);
}

TEST(RecordBorders, PlacesMayBeAskedForInAnyOrder) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += i % 3 == 0 ? "\"\n" : i % 5 == 0 ? "\"\"" : "a\n";
  const RecordBorders many(RecordEnds::quoted, bytes);
  for (std::size_t i = 0; i < 500; ++i) {
    const std::size_t at = i * 7919 % (bytes.size() + 1);
    EXPECT_EQ(many.border_behind(at), RecordBorders(RecordEnds::quoted, bytes).border_behind(at))
        << at;
  }
}

}  // namespace
}  // namespace billing
