#include "io/background_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace billing {
namespace {

/// Past the page cache; does nothing where the file system knows no such writes.
void set_direct(int fd, bool direct) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0) return;
  ::fcntl(fd, F_SETFL, direct ? flags | O_DIRECT : flags & ~O_DIRECT);
}

bool is_direct(int fd) { return (::fcntl(fd, F_GETFL) & O_DIRECT) != 0; }

/// `failure` is an errno; 0 for none.
void throw_if(int failure) {
  if (failure != 0) throw std::system_error(failure, std::system_category());
}

}  // namespace

BackgroundWriter::~BackgroundWriter() { stop(); }

void BackgroundWriter::append(std::string_view bytes) {
  while (!bytes.empty()) {
    if (filling_.data() == nullptr) {
      // Little of the first buffer may be used.
      filling_ = BigMemory(kBufferBytes, Population::on_touch);
      ++buffers_;
    }
    const std::size_t taken = std::min(bytes.size(), kBufferBytes - filled_bytes_);
    std::memcpy(filling_.data() + filled_bytes_, bytes.data(), taken);
    filled_bytes_ += taken;
    bytes.remove_prefix(taken);
    if (filled_bytes_ == kBufferBytes) hand_over();
  }
}

/// Gives the full buffer to the thread and takes an empty one.
void BackgroundWriter::hand_over() {
  if (!thread_.joinable()) {
    empty_.reserve(kBuffers);  // so that the thread has no reason to throw
    set_direct(fd_, true);
    thread_ = std::thread([this] { run(); });
  }
  BigMemory another;
  if (buffers_ < kBuffers) {
    another = BigMemory(kBufferBytes);
    ++buffers_;
  }
  std::unique_lock lock(mutex_);
  full_.push_back(std::exchange(filling_, BigMemory()));
  filled_bytes_ = 0;
  changed_.notify_all();
  if (another.data() != nullptr) empty_.push_back(std::move(another));
  changed_.wait(lock, [this] { return !empty_.empty() || failure_ != 0; });
  throw_if(failure_);
  filling_ = std::move(empty_.back());
  empty_.pop_back();
}

void BackgroundWriter::finish() {
  if (thread_.joinable()) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (full_.empty() && !writing_) || failure_ != 0; });
    throw_if(failure_);
  }
  stop();
  // The end of a file is no whole number of the device's blocks.
  set_direct(fd_, false);
  throw_if(write_buffer(filling_.data(), filled_bytes_));
}

void BackgroundWriter::stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void BackgroundWriter::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return !full_.empty() || stopping_; });
    if (stopping_) return;
    BigMemory buffer = std::move(full_.front());
    full_.pop_front();
    writing_ = true;
    lock.unlock();
    const int failure = write_buffer(buffer.data(), kBufferBytes);
    lock.lock();
    writing_ = false;
    failure_ = failure;
    empty_.push_back(std::move(buffer));
    changed_.notify_all();
    if (failure != 0) return;
  }
}

/// Returns the errno of the write that failed, or 0.
int BackgroundWriter::write_buffer(const std::byte* data, std::size_t bytes) {
  while (bytes > 0) {
    const ssize_t result = ::pwrite(fd_, data, bytes, static_cast<off_t>(offset_bytes_));
    if (result > 0) {
      const auto written = static_cast<std::size_t>(result);
      data += written;
      bytes -= written;
      offset_bytes_ += written;
    } else if (result == 0) {
      return ENOSPC;
    } else if (errno == EINVAL && is_direct(fd_)) {
      set_direct(fd_, false);  // not on this file system, or not from here on
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace billing
