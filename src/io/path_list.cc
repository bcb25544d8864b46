#include "io/path_list.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

constexpr const char* kStandardStream = "-";

[[noreturn]] void fail(const std::string& file, ErrorKind kind, const std::string& what) {
  const std::string name = file == kStandardStream ? "standard input" : quoted_text(file);
  throw Error(kind, "\1files-from: " + name + ": " + what);
}

UniqueFd open_list(const std::string& file) {
  // A named pipe is opened without waiting for its writer: the wait is for reading, which a signal
  // can end.
  UniqueFd fd(file == kStandardStream ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                      : ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (!fd.is_open() || fstat(fd.get(), &status) != 0)
    fail(file, ErrorKind::run, describe_open_failure(errno, "list"));
  if (S_ISDIR(status.st_mode))
    fail(file, ErrorKind::run, "is a folder; name a file that lists paths");
  return fd;
}

std::string read_all(const std::string& file, const std::function<void()>& checkpoint) {
  const UniqueFd fd = open_list(file);
  std::string text;
  std::array<char, 1 << 16> block;
  while (true) {
    await_ready(fd.get(), POLLIN, checkpoint);
    const ssize_t size = ::read(fd.get(), block.data(), block.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (size < 0) fail(file, ErrorKind::run, describe_open_failure(errno, "list"));
    if (size == 0) return text;
    text.append(block.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace

std::vector<std::string> read_path_list(const std::string& file, bool null_separated,
                                        const std::function<void()>& checkpoint) {
  const std::string text = read_all(file, checkpoint);
  if (!null_separated && text.find('\0') != std::string::npos) {
    fail(file, ErrorKind::configuration,
         "holds a NUL, which no path has; say \1null-separated where paths end in NUL");
  }
  std::vector<std::string> paths;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(null_separated ? '\0' : '\n'), rest.size());
    if (end > 0) paths.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return paths;
}

}  // namespace billing
