#pragma once

// The chunks of a FileSource, however its inputs are read.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "io/file_source.h"
#include "io_fixture.h"

namespace billing {

struct Piece {
  std::size_t input;
  std::uint64_t offset_bytes;
  std::string text;
  bool operator==(const Piece&) const = default;
};

inline void PrintTo(const Piece& piece, std::ostream* out) {
  *out << piece.input << "@" << piece.offset_bytes << " " << testing::PrintToString(piece.text);
}

using Pieces = std::vector<Piece>;

/// Longer than any line of the tests that are not about records that are too long.
inline constexpr std::uint64_t kMaxRecordBytes = 2'000'000;

class FileSourceTest : public TemporaryFolderTest {
 protected:
  FileSourceTest() { std::signal(SIGPIPE, SIG_IGN); }

  static Pieces all_of(FileSource& source) {
    Pieces pieces;
    Chunk chunk;
    while (source.next(chunk)) {
      EXPECT_EQ(chunk.sequence, pieces.size());
      EXPECT_GE(chunk.readable_bytes, chunk.bytes.size());
      touch(chunk);
      pieces.push_back({chunk.input, chunk.offset_bytes, std::string(chunk.bytes)});
    }
    EXPECT_FALSE(source.next(chunk));
    return pieces;
  }

  Pieces mapped(const std::vector<std::string>& texts, std::size_t chunk_bytes) {
    std::vector<Input> inputs = open_inputs(files(texts));
    for (Input& input : inputs) input.map_in_turn();
    FileSource source(inputs, chunk_bytes, kMaxRecordBytes, line_cutters(), [] {});
    return all_of(source);
  }

  /// Files that were not mapped.
  Pieces read(const std::vector<std::string>& texts, std::size_t chunk_bytes) {
    std::vector<Input> inputs = open_inputs(files(texts));
    FileSource source(inputs, chunk_bytes, kMaxRecordBytes, line_cutters(), [] {});
    return all_of(source);
  }

  /// A pipe that gives `step` bytes at a time.
  Pieces piped(const std::string& text, std::size_t chunk_bytes, std::size_t step) {
    std::array<int, 2> ends;
    EXPECT_EQ(::pipe(ends.data()), 0);
    std::vector<Input> inputs;
    inputs.emplace_back("pipe", UniqueFd(ends[0]));
    inputs.front().map();
    EXPECT_FALSE(inputs.front().is_mapped());
    std::jthread writer([&text, step, end = UniqueFd(ends[1])] {
      for (std::size_t at = 0; at < text.size(); at += step) {
        const std::size_t bytes = std::min(step, text.size() - at);
        ASSERT_EQ(::write(end.get(), text.data() + at, bytes), static_cast<ssize_t>(bytes));
        std::this_thread::yield();
      }
    });
    FileSource source(inputs, chunk_bytes, kMaxRecordBytes, line_cutters(), [] {});
    const Pieces pieces = all_of(source);
    writer.join();
    return pieces;
  }

  /// What the words of the header say: behind the first line end at or after the nominal size.
  static Pieces expected(const std::vector<std::string>& texts, std::size_t chunk_bytes) {
    Pieces pieces;
    for (std::size_t input = 0; input < texts.size(); ++input) {
      const std::string& text = texts[input];
      for (std::size_t at = 0; at < text.size();) {
        const std::size_t newline = text.find('\n', at + chunk_bytes - 1);
        const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
        pieces.push_back({input, at, text.substr(at, end - at)});
        at = end;
      }
    }
    return pieces;
  }

  std::vector<std::string> files(const std::vector<std::string>& texts) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      make_file(std::to_string(i), texts[i]);
      paths.push_back(at(std::to_string(i)));
    }
    return paths;
  }

  /// What may be touched can be touched.
  static void touch(const Chunk& chunk) {
    volatile char sum = 0;
    const std::size_t end = std::min(chunk.readable_bytes, chunk.bytes.size() + 100);
    for (std::size_t i = 0; i < end; ++i) sum = static_cast<char>(sum + chunk.bytes.data()[i]);
  }
};

}  // namespace billing
