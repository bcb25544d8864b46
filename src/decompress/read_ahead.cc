#include "decompress/read_ahead.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace billing {
namespace {

constexpr std::chrono::milliseconds kPatience{100};

}  // namespace

ReadAhead::ReadAhead(Fill fill, std::function<void()> checkpoint)
    : fill_(std::move(fill)),
      checkpoint_(std::move(checkpoint)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

std::size_t ReadAhead::read(std::span<char> room) {
  if (room.empty() || !await_block()) return 0;
  const Block& block = blocks_[used_ % kBlocks];
  const std::size_t bytes = std::min(room.size(), block.size - read_bytes_);
  std::copy_n(block.bytes.data() + read_bytes_, bytes, room.data());
  read_bytes_ += bytes;
  if (read_bytes_ == block.size) {
    read_bytes_ = 0;
    const std::lock_guard lock(mutex_);
    ++used_;
    changed_.notify_all();
  }
  return bytes;
}

/// False at the end.
bool ReadAhead::await_block() {
  checkpoint_();
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kPatience, [this] { return used_ < made_ || has_ended_; })) {
    lock.unlock();  // the checkpoint may take its time, or throw
    checkpoint_();
    lock.lock();
  }
  if (used_ < made_) return true;
  if (failure_) std::rethrow_exception(failure_);
  return false;
}

void ReadAhead::run(const std::stop_token& stop) {
  std::exception_ptr failure;
  try {
    make_blocks(stop);
  } catch (...) {
    failure = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  failure_ = std::move(failure);
  has_ended_ = true;
  changed_.notify_all();
}

void ReadAhead::make_blocks(const std::stop_token& stop) {
  for (std::size_t made = 0; !stop.stop_requested(); ++made) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [&] { return made - used_ < kBlocks; })) return;
    }
    Block& block = blocks_[made % kBlocks];
    block.bytes.resize(kBlockBytes);
    block.size = fill_(block.bytes, stop);
    if (block.size == 0) return;
    const std::lock_guard lock(mutex_);
    ++made_;
    changed_.notify_all();
  }
}

}  // namespace billing
