#include "naive/record_stream.h"

#include <gtest/gtest.h>

#include <sstream>
#include <tuple>

#include "naive/record_fixture.h"

namespace billing::naive {
namespace {

/// text, its length, bytes with the end, line, lines
using Read = std::tuple<std::string, std::uint64_t, std::uint64_t, std::uint64_t, std::uint64_t>;

std::vector<Read> records_of(const std::string& text, const RecordFormat& format,
                             std::uint64_t max_bytes = 1'000'000) {
  std::istringstream stream(text);
  RecordStream records(stream, format, max_bytes);
  std::vector<Read> all;
  std::uint64_t offset_bytes = 0;
  for (RawRecord each; records.next(each);) {
    EXPECT_EQ(each.offset_bytes, offset_bytes);
    offset_bytes += each.bytes;
    all.emplace_back(each.text, each.text_bytes, each.bytes, each.line, each.lines);
  }
  EXPECT_EQ(offset_bytes, text.size());
  return all;
}

TEST(RecordStream, LinesEndAtEveryLineFeed) {
  EXPECT_EQ(records_of("", json_format()), (std::vector<Read>{}));
  EXPECT_EQ(records_of("\"a\n\r\nb\r\r\nc\r", json_format()),
            (std::vector<Read>{
                {"\"a", 2, 3, 1, 1}, {"", 0, 2, 2, 1}, {"b\r", 2, 4, 3, 1}, {"c", 1, 2, 4, 1}}));
}

TEST(RecordStream, RowsEndWhereQuotesAreEven) {
  EXPECT_EQ(records_of("\"a\nb\"\r\nc\n", csv_format()),
            (std::vector<Read>{{"\"a\nb\"", 5, 7, 1, 2}, {"c", 1, 2, 3, 1}}));
  EXPECT_EQ(records_of("a\"b\nc\"\"\nd\"\ne", csv_format()),
            (std::vector<Read>{{"a\"b\nc\"\"\nd\"", 10, 11, 1, 3}, {"e", 1, 1, 4, 1}}));
  EXPECT_EQ(records_of("\"a\nb\r\n", csv_format()), (std::vector<Read>{{"\"a\nb", 4, 6, 1, 2}}));
  RecordFormat plain = csv_format();
  plain.has_quotes = false;
  EXPECT_EQ(records_of("\"a\nb", plain),
            (std::vector<Read>{{"\"a", 2, 3, 1, 1}, {"b", 1, 1, 2, 1}}));
}

TEST(RecordStream, OfALongRecordOnlyTheBeginningIsKept) {
  const std::string longest(100'000, 'x');
  const auto records = records_of(longest + "\r\ny\n", json_format(), 10);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(std::get<0>(records[0]), longest.substr(0, 65'536));
  EXPECT_EQ(std::get<1>(records[0]), 100'000u);
  EXPECT_EQ(std::get<2>(records[0]), 100'002u);
  EXPECT_EQ(records[1], (Read{"y", 1, 2, 2, 1}));
}

}  // namespace
}  // namespace billing::naive
