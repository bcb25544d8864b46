// The thread that decompresses ahead, and many that read what it gives.

#include "decompress/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "decompress/archives.h"
#include "io/file_source.h"
#include "io/io_fixture.h"

namespace billing {
namespace {

class ReadAheadStress : public TemporaryFolderTest {
 protected:
  /// What many threads read of the inputs, put together in order.
  static std::string read_by_many(std::vector<Input>& inputs) {
    FileSource source(inputs, 1000, 10'000, line_cutters(), [] {});
    std::mutex mutex;
    std::vector<std::string> texts;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        Chunk chunk;
        while (source.next(chunk)) {
          const std::lock_guard lock(mutex);
          texts.resize(std::max<std::size_t>(texts.size(), chunk.sequence + 1));
          texts[chunk.sequence] = chunk.bytes;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::string all;
    for (const std::string& text : texts) all += text;
    return all;
  }
};

TEST_F(ReadAheadStress, ManyThreadsReadCompressedInputs) {
  make_file("a", gzip_of(log_text(50'000)));
  make_file("b", zstd_of(log_text(30'000)));
  make_file("c", log_text(10));
  make_file("d", gzip_of(""));
  std::vector<Input> inputs = open_inputs({at("a"), at("b"), at("c"), at("d")});
  EXPECT_TRUE(read_by_many(inputs) == log_text(50'000) + log_text(30'000) + log_text(10));
}

TEST_F(ReadAheadStress, IsDestroyedAtAnyMoment) {
  std::mt19937 random(1);
  for (int round = 0; round < 300; ++round) {
    const std::size_t blocks = random() % 20;
    const std::size_t reads = random() % 20;
    ReadAhead source(
        [blocks, calls = std::size_t{0}](std::span<char> room,
                                         const std::stop_token&) mutable -> std::size_t {
          if (++calls > blocks) throw std::runtime_error("broken");
          return room.size();
        },
        [] {});
    std::string room(ReadAhead::kBlockBytes / 3, '\0');
    try {
      for (std::size_t i = 0; i < reads; ++i) source.read(room);
    } catch (const std::runtime_error&) {
      EXPECT_GT(reads, blocks * 3);
    }
  }
}

}  // namespace
}  // namespace billing
