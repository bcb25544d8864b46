#include "io/flush.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace billing {

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
