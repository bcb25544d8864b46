#include "formats/record_count.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace billing {
namespace {

std::uint64_t one_by_one(std::string_view text) {
  std::uint64_t records = 0;
  for (std::size_t at = 0; at < text.size(); ++records)
    at = std::min(text.find('\n', at), text.size() - 1) + 1;
  return records;
}

void expect_right(std::string_view text) {
  for (const SimdLevel level : available_simd_levels())
    EXPECT_EQ(count_lines(text, level), one_by_one(text)) << name_of(level) << text.size();
}

TEST(RecordCount, NothingHoldsNoRecord) { expect_right(""); }

TEST(RecordCount, TheLastRecordMayLackItsEnd) {
  EXPECT_EQ(count_lines("a\nb", SimdLevel::scalar), 2u);
  EXPECT_EQ(count_lines("a\nb\n", SimdLevel::scalar), 2u);
  EXPECT_EQ(count_lines("\n\n", SimdLevel::scalar), 2u);
}

TEST(RecordCount, LineEndsOfEveryPlaceAreCounted) {
  for (std::size_t bytes = 0; bytes < 200; ++bytes) {
    expect_right(std::string(bytes, 'x'));
    for (std::size_t at = 0; at < bytes; ++at) {
      std::string text(bytes, 'x');
      text[at] = '\n';
      expect_right(text);
    }
  }
}

TEST(RecordCount, AColumnOfLineEndsDoesNotOverflow) {
  for (const std::size_t bytes : {255U * 64, 256U * 64, 257U * 64 + 13, 1'000'000U})
    expect_right(std::string(bytes, '\n'));
}

TEST(RecordCount, RandomBytesAreCountedRight) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string text(random() % 50'000, '\0');
    for (char& c : text) c = static_cast<char>(random() % 30);
    expect_right(text);
  }
}

}  // namespace
}  // namespace billing
