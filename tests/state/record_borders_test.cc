#include "state/record_borders.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

namespace billing {
namespace {

constexpr std::uint64_t kNowhere = 999;
constexpr RecordEnds kTextLines{RecordEnd::text_line};
constexpr RecordEnds kLines{RecordEnd::line};
constexpr RecordEnds kQuoted{RecordEnd::quoted};
constexpr RecordEnds kObjects{RecordEnd::object};
constexpr RecordEnds kElements{RecordEnd::element};
constexpr RecordEnds kCri{RecordEnd::line, Wrapper::cri, LogStream::all, 1 << 20};
constexpr RecordEnds kCriTable{RecordEnd::quoted, Wrapper::cri, LogStream::all, 1 << 20};

std::uint64_t behind(RecordEnds ends, const std::string& bytes, std::uint64_t at) {
  return RecordBorders(ends, bytes).border_behind(at).value_or(kNowhere);
}

TEST(RecordBorders, BlanksBehindARecordChangeItUnlessItIsOfTheFormatText) {
  EXPECT_EQ(behind(kTextLines, "ab \t\r\ncd\n", 2), 6U);
  EXPECT_EQ(behind(kLines, "ab \t\r\ncd\n", 2), kNowhere);
  EXPECT_EQ(behind(kQuoted, "ab \n", 2), kNowhere);
}

TEST(RecordBorders, OneCrBelongsToALineEnd) {
  for (const RecordEnds ends : {kLines, kQuoted}) {
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
  EXPECT_EQ(behind(kQuoted, bytes, 5), kNowhere);
  EXPECT_EQ(behind(kLines, bytes, 5), 5U);
  EXPECT_EQ(behind(kQuoted, bytes, 8), 8U);
  const RecordBorders borders(kQuoted, bytes);
  EXPECT_EQ(borders.last_border(0, bytes.size()), 10U);  // behind it a quote is open
  EXPECT_EQ(borders.last_border(0, 9), 8U);
  EXPECT_EQ(borders.last_border(0, 7), 0U);
  EXPECT_EQ(borders.ends_in(0, bytes.size()), 2U);
  EXPECT_EQ(borders.records_in(0, 8), 1U);
  EXPECT_EQ(borders.records_in(0, 5), 0U);
}

TEST(RecordBorders, OfObjectsThatEndAtBraces) {
  const std::string bytes = "{\n\"a\":\"}\"}\n{\"b\":{}}\n\n{\"c\"";
  const RecordBorders borders(kObjects, bytes);
  EXPECT_FALSE(borders.is_border(8));
  EXPECT_TRUE(borders.is_border(10));
  EXPECT_TRUE(borders.is_border(11));
  EXPECT_EQ(borders.last_border(0, 8), 0U);
  EXPECT_EQ(borders.last_border(0, bytes.size()), 21U);
  EXPECT_EQ(borders.last_border(0, 20), 20U);
  EXPECT_EQ(borders.ends_in(0, bytes.size()), 2U);
  EXPECT_EQ(borders.record_end_behind(12), 19U);
  EXPECT_EQ(borders.record_end_behind(22), std::nullopt);
  EXPECT_EQ(borders.border_behind(10), 11U);
  EXPECT_EQ(borders.border_behind(8), std::nullopt);
}

TEST(RecordBorders, OfAnArrayStandBetweenElements) {
  const std::string bytes = "[{\"a\":[1]},\n{\"b\":1";
  const RecordBorders borders(kElements, bytes);
  EXPECT_TRUE(borders.is_border(1));
  EXPECT_EQ(borders.last_border(0, bytes.size()), 12U);
  EXPECT_EQ(borders.last_border(0, 11), 11U);
  EXPECT_EQ(borders.last_border(0, 9), 1U);
}

TEST(RecordBorders, OfWrappedLinesStandWhereNothingWaits) {
  const std::string time = "2025-05-02T23:16:50Z ";
  const std::string part = time + "stdout P a\n";
  const std::string other = time + "stderr F b\n";
  const std::string rest = time + "stdout F c\n";
  const std::string bytes = other + part + other + rest + part;
  const RecordBorders borders(kCri, bytes);
  const std::uint64_t line = other.size();
  EXPECT_TRUE(borders.is_border(line));
  EXPECT_FALSE(borders.is_border(2 * line));
  EXPECT_FALSE(borders.is_border(3 * line));
  EXPECT_TRUE(borders.is_border(4 * line));
  EXPECT_EQ(borders.last_border(0, bytes.size()), 4 * line);
  EXPECT_EQ(borders.last_border(line, 3 * line), line);
  EXPECT_EQ(borders.record_end_behind(2 * line), 4 * line);
  EXPECT_EQ(borders.border_behind(4 * line - 1), 4 * line);
  EXPECT_EQ(borders.border_behind(2 * line - 1), std::nullopt);
  const std::string open = other + rest.substr(0, line - 1);
  EXPECT_EQ(RecordBorders(kCri, open).border_behind(open.size()), open.size());
  EXPECT_EQ(RecordBorders(kCri, open).last_border(0, open.size()), line);
}

TEST(RecordBorders, OfAWrappedTableStandOutsideItsQuotes) {
  const std::string line = "2025-05-02T23:16:50Z stdout F ";
  const std::string bytes = line + "a,\"b\n" + line + "c\"\n" + line + "d\n";
  const std::uint64_t row_end = bytes.size() - line.size() - 2;
  EXPECT_EQ(RecordBorders(kCriTable, bytes).last_border(0, bytes.size() - 1), row_end);
  EXPECT_EQ(RecordBorders(kCriTable, bytes).last_border(0, row_end - 1), 0U);
  EXPECT_EQ(RecordBorders(kCriTable, bytes).ends_in(0, bytes.size()), 2U);
}

/// So many that a walk does not begin at the start.
TEST(RecordBorders, PlacesFarApartMayBeAskedForInAnyOrder) {
  std::string objects;
  std::string lines;
  for (int i = 0; i < 60'000; ++i) {
    objects += "{\"a\":\"" + std::string(static_cast<std::size_t>(i % 90), '{') + "\"}\n";
    lines +=
        "2025-05-02T23:16:50Z stdout " + std::string(i % 7 == 3 ? "P" : "F") + " text of a line\n";
  }
  for (const auto& [ends, bytes] : {std::pair(kObjects, objects), std::pair(kCri, lines)}) {
    const RecordBorders many(ends, bytes);
    for (std::size_t i = 0; i < 20; ++i) {
      const std::size_t at = i * 7'919'333 % (bytes.size() + 1);
      const RecordBorders fresh(ends, bytes);
      EXPECT_EQ(many.last_border(0, at), fresh.last_border(0, at)) << at;
      EXPECT_EQ(many.is_border(at), fresh.is_border(at)) << at;
    }
  }
}

TEST(RecordBorders, PlacesMayBeAskedForInAnyOrder) {
  std::string bytes;
  for (int i = 0; i < 40; ++i) bytes += i % 3 == 0 ? "\"\n" : i % 5 == 0 ? "\"\"" : "a\n";
  const RecordBorders many(kQuoted, bytes);
  for (std::size_t i = 0; i < 500; ++i) {
    const std::size_t at = i * 7919 % (bytes.size() + 1);
    EXPECT_EQ(many.border_behind(at), RecordBorders(kQuoted, bytes).border_behind(at)) << at;
  }
}

}  // namespace
}  // namespace billing
