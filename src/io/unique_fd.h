#pragma once

// File descriptors: who owns them, why there is none, waiting for them, and bringing what was
// written to the disk.

#include <unistd.h>

#include <cerrno>
#include <functional>
#include <string>
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

/// Whether opening failed because of how many files are open: every further one would fail alike.
bool is_out_of_descriptors(int system_error);

/// Why a file cannot be opened for reading, and what to do. `what` it is, for the advice: `input`.
std::string describe_open_failure(int system_error, const std::string& what);

/// Waits until a descriptor is ready for `events` of poll(), or reading or writing it would fail.
/// `checkpoint` is called before and then every tenth of a second, because a signal may reach
/// another thread than the one that waits; what it throws passes through.
void await_ready(int fd, short events, const std::function<void()>& checkpoint);

// Bringing files and the entries of folders to the disk, so that they outlive a power failure.

/// A folder that may be written but not read is opened, too; it just cannot be flushed. Not open
/// where there is none, with the reason in errno.
UniqueFd open_folder(const std::string& path);

/// False, with the reason in errno, where bytes may be lost; true also for what knows no flushing
/// (a pipe, a terminal, some network folders).
bool flush(const UniqueFd& fd);

/// The entries of an open folder.
bool flush_folder(const UniqueFd& folder);

}  // namespace billing
