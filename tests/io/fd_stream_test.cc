#include "io/fd_stream.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <iterator>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "decompress/archives.h"
#include "io_fixture.h"

namespace billing {
namespace {

class FdStreamTest : public TemporaryFolderTest {
 protected:
  static std::string all_of(const Input& input) {
    FdStream stream(input, [](std::uint64_t) {});
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  std::string content_of(const std::string& text) {
    make_file("log", text);
    return all_of(open_inputs({at("log")}).front());
  }
};

TEST_F(FdStreamTest, GivesEveryByte) {
  for (const std::size_t bytes : {0U, 1U, 262'143U, 262'144U, 262'145U, 1'000'000U}) {
    std::string text(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 7 + i / 256);
    EXPECT_TRUE(content_of(text) == text) << bytes;
  }
}

TEST_F(FdStreamTest, GivesLines) {
  make_file("log", "one\n\nthree");
  const auto inputs = open_inputs({at("log")});
  FdStream stream(inputs.front(), [](std::uint64_t) {});
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "three"}));
}

TEST_F(FdStreamTest, WaitsForASlowPipe) {
  std::array<int, 2> ends;
  ASSERT_EQ(::pipe(ends.data()), 0);
  std::thread writer([end = UniqueFd(ends[1])] {
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(::write(end.get(), "ab", 2), 2);
      std::this_thread::yield();
    }
  });
  const std::string text = all_of(Input("pipe", UniqueFd(ends[0])));
  writer.join();
  EXPECT_EQ(text.size(), 200u);
}

TEST_F(FdStreamTest, AnInputThatCannotBeReadIsAnError) {
  const Input input("folder", UniqueFd(::open(folder_.c_str(), O_RDONLY | O_CLOEXEC)));
  FdStream stream(input, [](std::uint64_t) {});
  EXPECT_EQ(error_of([&] { stream.get(); }), "1: folder: cannot be read: Is a directory");
}

TEST_F(FdStreamTest, GivesTheTextOfACompressedFile) {
  const std::string text = log_text(50'000);
  for (const std::string& archive : {gzip_of(text), zstd_of(text)}) {
    make_file("log", archive);
    const auto inputs = open_inputs({at("log")});
    FdStream stream(inputs.front(), [](std::uint64_t) {});
    EXPECT_EQ(stream.compressed_bytes(), 0u);
    const std::string found{std::istreambuf_iterator<char>(stream), {}};
    EXPECT_TRUE(found == text);
    EXPECT_EQ(stream.read_bytes(), text.size());
    EXPECT_EQ(stream.lines(), 50'000u);
    EXPECT_EQ(stream.compressed_bytes(), archive.size());
  }
}

TEST_F(FdStreamTest, APipeOfWhatIsNoTextIsAnError) {
  std::array<int, 2> ends;
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "\x04\x22\x4d\x18", 4), 4);
  ::close(ends[1]);
  const Input input("pipe", UniqueFd(ends[0]));
  FdStream stream(input, [](std::uint64_t) {});
  EXPECT_TRUE(contains(error_of([&] { stream.get(); }), "is compressed with lz4"));
}

TEST_F(FdStreamTest, WhatTheCheckpointThrowsPassesThrough) {
  make_file("log", "one");
  const auto inputs = open_inputs({at("log")});
  FdStream stream(inputs.front(), [](std::uint64_t) { throw std::runtime_error("cancelled"); });
  std::string line;
  EXPECT_THROW(std::getline(stream, line), std::runtime_error);
}

}  // namespace
}  // namespace billing
