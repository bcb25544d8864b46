// Inputs in blocks: what is written of them is what is read.

#include "partials/input_blocks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/error.h"
#include "io/unique_fd.h"
#include "partials/block_reader.h"
#include "partials/usage_file_writer.h"

namespace billing {
namespace {

/// A file of these bytes, which has no name any more.
UniqueFd file_of(std::string_view bytes) {
  std::string path = testing::TempDir() + "billing-XXXXXX";
  UniqueFd fd(::mkstemp(path.data()));
  ::unlink(path.c_str());
  EXPECT_EQ(::pwrite(fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  return fd;
}

/// The blocks of these inputs, and an end.
std::string written(const std::vector<PartialInput>& inputs) {
  std::string bytes;
  UsageFileWriter file([&bytes](std::string_view more) { bytes += more; }, [] {}, RowKind::sums);
  InputList list;
  for (const PartialInput& input : inputs) list.add(input);
  list.write(file);
  file.finish();
  return bytes;
}

std::vector<PartialInput> read(const std::string& bytes, bool of_state = false) {
  const UniqueFd file = file_of(bytes);
  BlockReader blocks(file.get(), "a file", 0, 4096);
  InputReader reader(blocks, of_state);
  std::vector<PartialInput> inputs;
  while (reader.next()) {
    inputs.push_back(reader.input());
    for (EarlierContent content; reader.next_earlier(content);)
      inputs.back().seen->earlier.push_back(content);
  }
  EXPECT_EQ(blocks.next().kind, BlockKind::end);
  return inputs;
}

PartialInput input_named(const std::string& name, std::uint64_t blank = 1) {
  PartialInput input{name, {}, {}};
  input.totals.bytes = input.totals.records = input.totals.blank = blank;
  return input;
}

/// An input of a state that has grown so many times.
PartialInput grown(const std::string& name, std::uint64_t times) {
  PartialInput input = input_named(name);
  input.seen = SeenContent{10 * times + 10, {1, 2}, 5, 1, "the rest"};
  for (std::uint64_t i = 0; i < times; ++i) input.seen->earlier.push_back({10 * (i + 1), {i, ~i}});
  return input;
}

TEST(InputBlocksTest, InputsAreReadInTheirOrder) {
  const auto inputs = read(written({input_named("b"), input_named("a", 300), input_named("a", 2),
                                    input_named("aa"), input_named("a", 2)}));
  ASSERT_EQ(inputs.size(), 5U);
  const std::vector<std::pair<std::string, std::uint64_t>> expected{
      {"a", 2}, {"a", 2}, {"a", 300}, {"aa", 1}, {"b", 1}};
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(inputs[i].name, expected[i].first);
    EXPECT_EQ(inputs[i].totals.blank, expected[i].second);
    EXPECT_FALSE(inputs[i].seen);
  }
}

TEST(InputBlocksTest, EarlierContentsGoOnInTheNextBlock) {
  const std::string bytes = written({grown("often", 50'000), grown("never", 0), grown("once", 1)});
  EXPECT_GT(bytes.size(), 10 * kBlockBytes);
  const auto inputs = read(bytes, true);
  ASSERT_EQ(inputs.size(), 3U);
  EXPECT_EQ(inputs[0].name, "never");
  EXPECT_TRUE(inputs[0].seen->earlier.empty());
  ASSERT_EQ(inputs[1].seen->earlier.size(), 50'000U);
  for (std::uint64_t i = 0; i < 50'000; ++i) {
    EXPECT_EQ(inputs[1].seen->earlier[i].bytes, 10 * (i + 1));
    EXPECT_EQ(inputs[1].seen->earlier[i].hash, (ContentHash{i, ~i}));
  }
  EXPECT_EQ(inputs[2].seen->last_line, "the rest");
  ASSERT_EQ(inputs[2].seen->earlier.size(), 1U);
}

TEST(InputBlocksTest, AnEarlierContentTakesFewBytes) {
  const std::size_t more = written({grown("log", 1001)}).size() - written({grown("log", 1)}).size();
  EXPECT_LE(more, 1000U * 20);
}

TEST(InputBlocksTest, SumsThatCannotBeCountedAreRefused) {
  const std::string bytes = written({input_named("a", ~std::uint64_t{0}), input_named("b")});
  try {
    read(bytes);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("do not balance"), std::string::npos);
  }
}

TEST(InputBlocksTest, ThousandsOfInputsTakeLittleMoreThanTheirNames) {
  constexpr std::size_t kInputs = 10'000;
  InputList list;
  for (std::size_t i = 0; i < kInputs; ++i) list.add(input_named("a.log"));
  EXPECT_EQ(list.size(), kInputs);
  EXPECT_LT(list.memory_bytes(), kInputs * 2 * sizeof(PartialInput) / 3);
}

}  // namespace
}  // namespace billing
