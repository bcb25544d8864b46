#include "naive/line_reader.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <tuple>
#include <vector>

namespace billing::naive {
namespace {

/// text, its length, bytes with the line's end
using Read = std::tuple<std::string, std::uint64_t, std::uint64_t>;

std::vector<Read> lines_of(const std::string& text, std::uint64_t max_bytes = 1'000'000) {
  std::istringstream stream(text);
  LineReader reader(stream, max_bytes);
  std::vector<Read> lines;
  for (Line line; reader.next(line);) lines.emplace_back(line.text, line.text_bytes, line.bytes);
  return lines;
}

TEST(LineReader, TakesLinesWithTheirEnds) {
  EXPECT_EQ(lines_of(""), (std::vector<Read>{}));
  EXPECT_EQ(lines_of("a"), (std::vector<Read>{{"a", 1, 1}}));
  EXPECT_EQ(lines_of("a\n"), (std::vector<Read>{{"a", 1, 2}}));
  EXPECT_EQ(lines_of("\nb\n\n"), (std::vector<Read>{{"", 0, 1}, {"b", 1, 2}, {"", 0, 1}}));
}

TEST(LineReader, DropsOnlyOneCarriageReturn) {
  EXPECT_EQ(lines_of("a\r\n"), (std::vector<Read>{{"a", 1, 3}}));
  EXPECT_EQ(lines_of("a\r\r\n"), (std::vector<Read>{{"a\r", 2, 4}}));
  EXPECT_EQ(lines_of("a\r"), (std::vector<Read>{{"a", 1, 2}}));
  EXPECT_EQ(lines_of("\r\n\r"), (std::vector<Read>{{"", 0, 2}, {"", 0, 1}}));
  EXPECT_EQ(lines_of("\ra\n"), (std::vector<Read>{{"\ra", 2, 3}}));
}

TEST(LineReader, LinesOfEveryLengthAroundItsPiecesAreWhole) {
  for (std::size_t bytes = 65'530; bytes < 65'545; ++bytes) {
    const std::string line(bytes, 'x');
    for (const std::string end : {"", "\n", "\r\n"}) {
      const std::vector<Read> expected{{"y", 1, 2}, {line, bytes, bytes + end.size()}};
      EXPECT_EQ(lines_of("y\n" + line + end), expected);
    }
  }
}

TEST(LineReader, OfATooLongLineABeginningIsKept) {
  const std::string line(1'000'000, 'x');
  const std::vector<Read> lines = lines_of(line + "\r\nnext\n", 1024);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0], (Read{std::string(65'536, 'x'), 1'000'000, 1'000'002}));
  EXPECT_EQ(lines[1], (Read{"next", 4, 5}));
}

}  // namespace
}  // namespace billing::naive
