// Inputs in blocks: what is written of them is what is read.

#include "partials/input_blocks.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "billing/error.h"
#include "billing/record_format.h"
#include "partials/block_reader.h"
#include "partials/usage_file_writer.h"

namespace billing {
namespace {

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
  BlockReader blocks(std::make_shared<const BytesInMemory>("a file", bytes), 0, 4096);
  InputReader reader(blocks, of_state);
  std::vector<PartialInput> inputs;
  while (reader.next()) {
    inputs.push_back(reader.input());
    for (EarlierContent content; reader.next_earlier(content);)
      inputs.back().seen->earlier.push_back(content);
  }
  EXPECT_EQ(blocks.next().kind, BlockKind::head_end);
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

/// Accepted records that make so many events.
PartialInput with_events(std::uint64_t accepted, std::uint64_t events) {
  PartialInput input{"log", {}, {}};
  input.totals.bytes = input.totals.records = input.totals.accepted = accepted;
  input.totals.events = events;
  return input;
}

TEST(InputBlocksTest, RecordsMayMakeSeveralEventsOrNone) {
  for (const std::uint64_t events : {0, 1, 2, 3, 128}) {
    const auto inputs = read(written({with_events(2, events)}));
    ASSERT_EQ(inputs.size(), 1U);
    EXPECT_EQ(inputs[0].totals.accepted, 2U);
    EXPECT_EQ(inputs[0].totals.events, events);
  }
  // One each is what is meant where nothing is said.
  EXPECT_EQ(written({with_events(2, 2)}).find("events"), std::string::npos);
  EXPECT_NE(written({with_events(2, 3)}).find("events"), std::string::npos);
  EXPECT_THROW(read(written({with_events(2, 2 * kMaxMeasures + 1)})), Error);
  EXPECT_THROW(read(written({with_events(0, 1)})), Error);
}

PartialInput piece_of(const std::string& name, std::uint64_t begin_bytes, std::uint64_t bytes,
                      bool is_last = false) {
  PartialInput input = input_named(name, 1);
  input.totals.bytes = bytes;
  input.piece = {begin_bytes, is_last};
  return input;
}

/// Name, begin (-1: of the whole), bytes and records.
std::vector<std::string> described(const std::vector<PartialInput>& inputs) {
  std::vector<std::string> texts;
  for (const PartialInput& input : inputs) {
    texts.push_back(
        input.name + ' ' + (input.piece ? std::to_string(input.piece->begin_bytes) : "whole") +
        ' ' + std::to_string(input.totals.bytes) + ' ' + std::to_string(input.totals.records));
  }
  return texts;
}

TEST(InputBlocksTest, PiecesOfAnInputAddUpToIt) {
  using Texts = std::vector<std::string>;
  const auto joined = [](const std::vector<PartialInput>& pieces) {
    return described(read(written(pieces)));
  };
  EXPECT_EQ(joined({piece_of("a", 50, 10, true), piece_of("a", 0, 20), piece_of("a", 20, 30)}),
            Texts{"a whole 60 3"});
  EXPECT_EQ(joined({piece_of("a", 20, 30), piece_of("a", 0, 20)}), Texts{"a 0 50 2"});
  // The last or the first, or one in between, may be elsewhere; and two logs may have one name.
  EXPECT_EQ(joined({piece_of("a", 50, 10, true), piece_of("a", 0, 20), piece_of("b", 20, 30)}),
            (Texts{"a 0 20 1", "a 50 10 1", "b 20 30 1"}));
  EXPECT_EQ(joined({piece_of("a", 20, 10, true), piece_of("a", 0, 20), piece_of("a", 0, 20)}),
            (Texts{"a whole 30 2", "a 0 20 1"}));
  // Two of one name, in whatever steps.
  EXPECT_EQ(joined({piece_of("a", 0, 10), piece_of("a", 10, 10), piece_of("a", 0, 10),
                    piece_of("a", 10, 10)}),
            (Texts{"a 0 20 2", "a 0 20 2"}));
  // What has no bytes of its own: users of other partials.
  EXPECT_EQ(joined({piece_of("a", 0, 0), piece_of("a", 0, 20), piece_of("a", 20, 0),
                    piece_of("a", 20, 10, true)}),
            Texts{"a whole 30 4"});
  PartialInput whole = input_named("a", 3);
  whole.totals.bytes = 60;
  EXPECT_EQ(written({piece_of("a", 0, 20), piece_of("a", 20, 30), piece_of("a", 50, 10, true)}),
            written({whole}));
}

/// The bytes that stand in several of them.
std::string overlap_of(const std::vector<PartialInput>& inputs) {
  InputOverlaps overlaps;
  for (const PartialInput& input : inputs) overlaps.add(input);
  for (const PartialInput& input : inputs) overlaps.compare(input);
  return overlaps.found().substr(0, overlaps.found().find(" stand"));
}

TEST(InputBlocksTest, BytesThatStandInSeveralInputsAreFound) {
  PartialInput whole = input_named("a", 60);
  PartialInput other = input_named("b", 60);
  EXPECT_EQ(overlap_of({piece_of("a", 0, 20), piece_of("a", 20, 30), piece_of("b", 5, 20)}), "");
  EXPECT_EQ(overlap_of({piece_of("a", 0, 20), piece_of("a", 19, 30)}), "bytes 19 to 20 of 'a'");
  EXPECT_EQ(overlap_of({piece_of("a", 19, 30), piece_of("a", 0, 20)}), "bytes 19 to 20 of 'a'");
  EXPECT_EQ(overlap_of({piece_of("a", 0, 90), piece_of("a", 19, 30)}), "bytes 19 to 49 of 'a'");
  EXPECT_EQ(overlap_of({piece_of("a", 7, 9), piece_of("a", 7, 9)}), "bytes 7 to 16 of 'a'");
  EXPECT_EQ(overlap_of({whole, whole, other, piece_of("c", 0, 5)}), "");
  EXPECT_EQ(overlap_of({whole, piece_of("a", 50, 30)}), "bytes 50 to 60 of 'a'");
  EXPECT_EQ(overlap_of({piece_of("a", 0, 20), other, whole}), "bytes 0 to 20 of 'a'");
  // Another log of the name, which is longer.
  EXPECT_EQ(overlap_of({whole, piece_of("a", 60, 30)}), "");
  EXPECT_EQ(overlap_of({whole, piece_of("a", 20, 0)}), "");
}

TEST(InputBlocksTest, APieceBehindTheLastByteThatCanBeCountedIsRefused) {
  const std::uint64_t most = ~std::uint64_t{0};
  EXPECT_EQ(described(read(written({piece_of("a", most - 6, 6)}))).size(), 1U);
  EXPECT_THROW(read(written({piece_of("a", most - 5, 6)})), Error);
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
