#include "formats/fields_lines.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace billing {
namespace {

using Columns = std::vector<std::string>;

Columns columns_in(const std::shared_ptr<const RecordState>& state) {
  return dynamic_cast<const ColumnsState&>(*state).columns();
}

/// What holds behind an input that is cut into pieces of so many bytes.
Columns behind(const std::string& input, std::size_t chunk_bytes) {
  const auto cutter = make_fields_cutter({"default"}, true);
  auto state = cutter->pass({});
  for (std::string_view rest = input; !rest.empty();) {
    std::size_t end = cutter->first_end(rest, std::min(chunk_bytes, rest.size()) - 1);
    if (end == RecordCutter::kNone) end = rest.size();
    state = cutter->pass(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  return columns_in(state);
}

TEST(FieldsLines, NameColumnsBetweenBlanks) {
  EXPECT_EQ(columns_of("#Fields: date  time\tcs(User-Agent) \r"),
            (Columns{"date", "time", "cs(User-Agent)"}));
  EXPECT_EQ(columns_of("#Fields:"), Columns{});
  EXPECT_EQ(columns_of("#Date: 2025-05-02"), std::nullopt);
  EXPECT_EQ(columns_of(" #Fields: a"), std::nullopt);
}

TEST(FieldsLines, TheLastOneHoldsWhereverChunksEnd) {
  const std::string input = "#Version: 1.0\n#Fields: a b\n1 2\n#Fields: c\nx #Fields: d\n3\n";
  for (std::size_t chunk_bytes = 1; chunk_bytes <= input.size(); ++chunk_bytes)
    EXPECT_EQ(behind(input, chunk_bytes), Columns{"c"}) << chunk_bytes;
}

TEST(FieldsLines, BeforeTheFirstOneTheDefaultHolds) {
  EXPECT_EQ(behind("1 2\n#Software: x\n", 100), Columns{"default"});
}

TEST(FieldsLines, AMarkAtTheInputsStartIsPassedOver) {
  EXPECT_EQ(behind("\xEF\xBB\xBF#Fields: a\n1\n", 100), Columns{"a"});
  EXPECT_EQ(behind("1\n\xEF\xBB\xBF#Fields: a\n1\n", 1), Columns{"default"});
}

TEST(FieldsLines, OneThatSomeLimitOnRecordsForbidsIsNotObeyed) {
  const std::string longest = "#Fields: " + std::string(kMaxFieldsLineBytes - 9, 'a');
  EXPECT_EQ(behind(longest + "\r\n", 100), Columns{longest.substr(9)});
  EXPECT_EQ(behind(longest + "a\n", 100), Columns{"default"});
}

TEST(FieldsLines, AllNamesAreThoseOfAllLines) {
  EXPECT_EQ(all_columns("#Fields: a b\n1 2\n#Fields: b c\n", {"z"}), (Columns{"z", "a", "b", "c"}));
}

}  // namespace
}  // namespace billing
