#pragma once

// Writes a new file from its start to its end while others go on computing, past the page cache
// where the file system lets it: a large result would only push out of it what is being read.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>
#include <thread>
#include <vector>

#include "base/big_memory.h"

namespace billing {

/// Small content is written by finish(); the thread starts with the first full buffer. One caller
/// at a time. Errors are std::system_error, of the first write that failed, at the next call; then
/// only the destructor may follow.
class BackgroundWriter {
 public:
  /// `fd`: an empty regular file, open for writing until the writer is gone; its O_DIRECT flag is
  /// set and taken away again. Nobody else writes to it.
  explicit BackgroundWriter(int fd) : fd_(fd) {}
  BackgroundWriter(const BackgroundWriter&) = delete;
  BackgroundWriter& operator=(const BackgroundWriter&) = delete;

  /// Drops what has not been written.
  ~BackgroundWriter();

  /// Waits where the writes cannot keep up.
  void append(std::string_view bytes);

  /// All bytes are written, though not flushed, when it returns. Once, as the last call.
  void finish();

 private:
  static constexpr std::size_t kBufferBytes = std::size_t{2} << 20;
  static constexpr std::size_t kBuffers = 4;

  void hand_over();
  void run();
  int write_buffer(const std::byte* data, std::size_t bytes);
  void stop();

  int fd_;
  std::uint64_t offset_bytes_ = 0;  ///< where the next write goes
  BigMemory filling_;
  std::size_t filled_bytes_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<BigMemory> full_;    ///< waiting to be written, in order
  std::vector<BigMemory> empty_;  ///< to be filled anew
  std::size_t buffers_ = 0;       ///< that exist
  bool writing_ = false;          ///< the thread has a buffer
  bool stopping_ = false;
  int failure_ = 0;  ///< errno of the first write that failed
  std::thread thread_;
};

}  // namespace billing
