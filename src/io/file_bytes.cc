#include "io/file_bytes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/escape_text.h"
#include "billing/error.h"

namespace billing {

std::uint64_t FileBytes::size_bytes() const {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) fail();
  return static_cast<std::uint64_t>(status.st_size);
}

std::size_t FileBytes::read_at(std::uint64_t offset_bytes, std::span<char> to) const {
  std::size_t done = 0;
  while (done < to.size()) {
    const ssize_t size = ::pread(fd_.get(), to.data() + done, to.size() - done,
                                 static_cast<off_t>(offset_bytes + done));
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) fail();
    if (size == 0) break;
    done += static_cast<std::size_t>(size);
  }
  return done;
}

void FileBytes::fail() const {
  throw Error(ErrorKind::run,
              "cannot read " + quoted_text(name()) + ": " + std::system_category().message(errno));
}

}  // namespace billing
