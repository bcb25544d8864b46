// Inputs that are compressed, as chunks of their text.

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "decompress/archives.h"
#include "file_source_fixture.h"

namespace billing {
namespace {

using CompressedInputTest = FileSourceTest;

TEST_F(CompressedInputTest, OffsetsAreThoseOfTheirText) {
  const std::string text = log_text(100);
  const std::vector<std::string> archives{gzip_of(text), zstd_of(text), text};
  const Pieces pieces = expected({text, text, text}, 300);
  EXPECT_EQ(mapped(archives, 300), pieces);
  EXPECT_EQ(read(archives, 300), pieces);
  for (const std::size_t step : {1U, 7U, 1000U}) {
    EXPECT_EQ(piped(gzip_of(text), 300, step), expected({text}, 300));
    EXPECT_EQ(piped(zstd_of(text), 300, step), expected({text}, 300));
  }
}

TEST_F(CompressedInputTest, BothSizesAreKnown) {
  const std::string text = log_text(100);
  std::vector<Input> inputs = open_inputs(files({gzip_of(text), text}));
  for (Input& input : inputs) input.map_in_turn();
  EXPECT_EQ(total_size_bytes(inputs), std::nullopt);
  FileSource source(inputs, 1000, kMaxRecordBytes, line_cutters(), [] {});
  all_of(source);
  EXPECT_EQ(source.input_bytes(0), text.size());
  EXPECT_EQ(source.compressed_bytes(0), gzip_of(text).size());
  EXPECT_EQ(source.input_bytes(1), text.size());
  EXPECT_EQ(source.compressed_bytes(1), 0u);
}

TEST_F(CompressedInputTest, WhatIsWrongIsToldWithTheName) {
  EXPECT_EQ(error_of([&] { piped(gzip_of("text\n") + "x", 1, 100); }),
            "1: pipe: is damaged at compressed byte " + std::to_string(gzip_of("text\n").size()) +
                ": what follows is no member of a gzip file");
  EXPECT_EQ(error_of([&] { piped("\x1f\x8b\x08\n", 1, 4); }),
            "1: pipe: ends too early, after 4 compressed bytes");
  EXPECT_EQ(error_of([&] { piped(gzip_of("PK\x03\x04"), 1, 4); }),
            "1: pipe: is a zip archive, within gzip");
}

TEST_F(CompressedInputTest, APipeThatIsNotReadToItsEndIsLeftAtOnce) {
  std::array<int, 2> ends;
  ASSERT_EQ(::pipe(ends.data()), 0);
  const UniqueFd writer(ends[1]);
  const std::string archive = gzip_of(log_text(10));
  ASSERT_EQ(::write(ends[1], archive.data(), 30), 30);
  std::vector<Input> inputs;
  inputs.emplace_back("pipe", UniqueFd(ends[0]));
  int calls = 0;
  FileSource source(inputs, 1, kMaxRecordBytes, line_cutters(), [&calls] {
    if (++calls > 4) throw std::runtime_error("cancelled");
  });
  Chunk chunk;
  EXPECT_THROW(source.next(chunk), std::runtime_error);
}

}  // namespace
}  // namespace billing
