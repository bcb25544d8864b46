#pragma once

// Bytes that a thread of their own makes, a few blocks ahead of whoever reads them.

#include <array>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <span>
#include <stop_token>
#include <thread>
#include <vector>

namespace billing {

/// Holds kBlocks blocks of kBlockBytes at most. One thread reads at a time; it need not always be
/// the same.
class ReadAhead {
 public:
  static constexpr std::size_t kBlocks = 8;
  static constexpr std::size_t kBlockBytes = std::size_t{256} << 10;  // stays in the cache

  /// Fills a room with what comes next, less only at the end; 0 behind it. Called by the thread
  /// alone. Where it may wait, it must end soon after a stop is requested, by any exception.
  using Fill = std::function<std::size_t(std::span<char> room, const std::stop_token& stop)>;

  /// The thread starts at once. `checkpoint` is called by whoever reads: before each read and,
  /// while there is nothing to be read, every tenth of a second; what it throws passes through.
  ReadAhead(Fill fill, std::function<void()> checkpoint);

  /// Drops what was not read, and waits only for the call of `fill` under way.
  ~ReadAhead() = default;
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// Some of the next bytes; 0 at the end. Throws what `fill` has thrown, behind all that was made
  /// before it; again at each further call.
  std::size_t read(std::span<char> room);

 private:
  struct Block {
    std::vector<char> bytes;  ///< allocated when the thread first comes to it
    std::size_t size = 0;
  };

  void run(const std::stop_token& stop);
  void make_blocks(const std::stop_token& stop);
  bool await_block();

  Fill fill_;
  std::function<void()> checkpoint_;
  std::size_t read_bytes_ = 0;  ///< of the block at hand; whoever reads alone

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::array<Block, kBlocks> blocks_;  ///< a ring: a block is of the thread, or of whoever reads
  std::size_t made_ = 0;               ///< blocks so far
  std::size_t used_ = 0;               ///< of these, read to their end
  bool has_ended_ = false;             ///< no block follows those made
  std::exception_ptr failure_;         ///< instead of an end
  std::jthread thread_;                ///< the last member: it goes first
};

}  // namespace billing
