#include "io/unique_fd.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>

#include <system_error>

namespace billing {
namespace {

std::string advice(int system_error, const std::string& what) {
  switch (system_error) {
    case ENOENT:
    case ENOTDIR:
    case ENAMETOOLONG:
      return "check the path of the " + what;
    case EACCES:
    case EPERM:
      return "run as a user who may read it, or change its permissions";
    case ELOOP:
      return "its symbolic links lead nowhere; name the file itself";
    case ENXIO:
      return "it is a socket or a device that is not there; name a file or a pipe";
    default:
      return "check the device that it is on";
  }
}

std::string describe_too_many() {
  std::string limit;
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0)
    limit = " (this process may have " + std::to_string(files.rlim_cur) + ")";
  return limit + "; allow more with ulimit -n, or name fewer at a time";
}

}  // namespace

bool is_out_of_descriptors(int system_error) {
  return system_error == EMFILE || system_error == ENFILE;
}

std::string describe_open_failure(int system_error, const std::string& what) {
  const std::string reason = std::system_category().message(system_error);
  if (is_out_of_descriptors(system_error)) return reason + describe_too_many();
  return reason + "; " + advice(system_error, what);
}

void await_ready(int fd, short events, const std::function<void()>& checkpoint) {
  constexpr int kPatienceMs = 100;
  pollfd waited{fd, events, 0};
  int ready = 0;
  do {
    checkpoint();
    ready = poll(&waited, 1, kPatienceMs);
  } while (ready == 0 || (ready < 0 && errno == EINTR));
}

UniqueFd open_folder(const std::string& path) {
  UniqueFd folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.is_open() || errno != EACCES) return folder;
  return UniqueFd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

bool flush(const UniqueFd& fd) {
  while (::fsync(fd.get()) != 0) {
    if (errno != EINTR) return errno == EINVAL || errno == EROFS || errno == ENOTSUP;
  }
  return true;
}

bool flush_folder(const UniqueFd& folder) { return flush(folder) || errno == EBADF; }

}  // namespace billing
