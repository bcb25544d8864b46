#include "decompress/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace billing {
namespace {

/// So many bytes, each told by its place.
ReadAhead::Fill numbers(std::size_t bytes) {
  return [bytes, at = std::size_t{0}](std::span<char> room, const std::stop_token&) mutable {
    std::size_t made = 0;
    for (; made < room.size() && at < bytes; ++made, ++at)
      room[made] = static_cast<char>(at * 31 + at / 256);
    return made;
  };
}

std::string all_of(ReadAhead& source, std::size_t room_bytes) {
  std::string all;
  std::string room(room_bytes, '\0');
  while (const std::size_t bytes = source.read(room)) all.append(room, 0, bytes);
  EXPECT_EQ(source.read(room), 0u);
  return all;
}

std::string expected(std::size_t bytes) {
  std::string all(bytes, '\0');
  numbers(bytes)(all, {});
  return all;
}

TEST(ReadAhead, GivesAllBytesInOrder) {
  constexpr std::size_t kBlock = ReadAhead::kBlockBytes;
  for (const std::size_t bytes :
       {std::size_t{0}, std::size_t{1}, kBlock - 1, kBlock, kBlock + 1, 20 * kBlock + 5}) {
    for (const std::size_t room : {std::size_t{1000}, kBlock, 3 * kBlock}) {
      ReadAhead source(numbers(bytes), [] {});
      EXPECT_TRUE(all_of(source, room) == expected(bytes)) << bytes << " " << room;
    }
  }
}

TEST(ReadAhead, MakesNoMoreThanItsBlocksAhead) {
  std::atomic<std::size_t> calls = 0;
  ReadAhead source(
      [&calls](std::span<char> room, const std::stop_token&) {
        ++calls;
        return room.size();
      },
      [] {});
  while (calls < ReadAhead::kBlocks) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(calls, ReadAhead::kBlocks);
  std::string room(ReadAhead::kBlockBytes, '\0');
  EXPECT_EQ(source.read(room), room.size());
  while (calls < ReadAhead::kBlocks + 1) std::this_thread::yield();
}

TEST(ReadAhead, AnExceptionComesBehindWhatWasMadeBeforeIt) {
  ReadAhead source(
      [calls = 0](std::span<char> room, const std::stop_token&) mutable {
        if (++calls > 2) throw std::runtime_error("broken");
        return room.size();
      },
      [] {});
  std::string room(ReadAhead::kBlockBytes, '\0');
  EXPECT_EQ(source.read(room), room.size());
  EXPECT_EQ(source.read(room), room.size());
  EXPECT_THROW(source.read(room), std::runtime_error);
  EXPECT_THROW(source.read(room), std::runtime_error);
}

TEST(ReadAhead, EndsWhileNobodyReads) {
  const ReadAhead endless([](std::span<char> room, const std::stop_token&) { return room.size(); },
                          [] {});
  const ReadAhead waiting(
      [](std::span<char>, const std::stop_token& stop) -> std::size_t {
        while (!stop.stop_requested()) std::this_thread::yield();
        throw std::runtime_error("stopped");
      },
      [] {});
}

TEST(ReadAhead, TheCheckpointIsCalledWhileThereIsNothingToRead) {
  int calls = 0;
  ReadAhead source(
      [](std::span<char>, const std::stop_token& stop) -> std::size_t {
        while (!stop.stop_requested()) std::this_thread::yield();
        return 0;
      },
      [&calls] {
        if (++calls == 3) throw std::runtime_error("cancelled");
      });
  char room = 0;
  EXPECT_THROW(source.read({&room, 1}), std::runtime_error);
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace billing
