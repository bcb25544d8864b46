#pragma once

#include <unistd.h>

#include <cerrno>
#include <utility>

namespace billing {

/// Owns a file descriptor, or none; closes it at the end of its life.
class UniqueFd {
 public:
  UniqueFd() = default;

  /// Takes ownership. A negative number (a failed open) is none.
  explicit UniqueFd(int fd) : fd_(fd) {}

  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) {
      close();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  ~UniqueFd() { close(); }

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }

  /// Closes now. False, with the reason in errno, where the system only now reports that earlier
  /// writes were lost. The descriptor is gone in any case: to close it again could hit another
  /// file.
  bool close() {
    const int fd = std::exchange(fd_, -1);
    return fd < 0 || ::close(fd) == 0 || errno == EINTR;
  }

 private:
  int fd_ = -1;
};

}  // namespace billing
