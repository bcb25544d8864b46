#include "io/output_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <climits>
#include <cstdio>
#include <initializer_list>
#include <system_error>
#include <thread>
#include <utility>

#include "base/escape_text.h"
#include "io/file_identity.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

constexpr int kMaxResultsPerSecond = 10'000;

// The whole path: its end says most. No path that the system takes is cut.
std::string in_quotes(std::string_view name) {
  std::string text = "'";
  append_escaped(text, name, PATH_MAX);
  return text + "'";
}

const char* advice(int system_error) {
  switch (system_error) {
    case ENOSPC:
    case EDQUOT:
      return "free some space there, or write elsewhere";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose a place where you may create files";
    case ENOENT:
      return "create its folder first";
    case ENOTDIR:
      return "a part of the path is a file, not a folder";
    case ENAMETOOLONG:
      return "choose a shorter name";
    case ELOOP:
      return "its symbolic links lead nowhere; name the file itself";
    case EFBIG:
      return "a limit (ulimit -f) or the file system forbids files of that size";
    default:
      return "check the device, or write elsewhere";
  }
}

std::string name_in_folder_nth(const NameInFolder& name, int nth) {
  std::tm utc{};
  ::gmtime_r(&name.time_s, &utc);
  std::array<char, 64> stem;
  const std::size_t size =
      std::strftime(stem.data(), stem.size(), "billing_results_%Y%m%d_%H%M%S", &utc);
  std::string text(stem.data(), size);
  if (nth > 1) text.append("-").append(std::to_string(nth));
  return text.append(".").append(name.ending);
}

// The permissions are never wider than before: what an old group was allowed must not go to another
// one, and nobody else's program may run as us.
bool keep_owner_and_mode(int fd, const struct stat& old) {
  constexpr uid_t kSameOwner = static_cast<uid_t>(-1);
  mode_t mode = old.st_mode & 07777U;
  if (::fchown(fd, old.st_uid, old.st_gid) != 0) {
    mode &= 01777U;
    const bool is_group_kept = ::fchown(fd, kSameOwner, old.st_gid) == 0;
    if (!is_group_kept) mode &= 01707U | ((mode & 07U) << 3U);
  }
  // A file system without permissions has none to keep.
  return ::fchmod(fd, mode) == 0 || errno == EPERM || errno == ENOTSUP;
}

// Renames within a folder unless the new name is taken (EEXIST), without a moment in between.
bool rename_if_free(int folder, const char* from, const char* to) {
  if (::renameat2(folder, from, folder, to, RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) return false;

  // Network and FUSE file systems often know only a plain rename. A hard link does not replace.
  if (::linkat(folder, from, folder, to, 0) == 0) {
    ::unlinkat(folder, from, 0);
    return true;
  }

  // No links either: an empty file holds the name until the result is renamed over it.
  const UniqueFd holder(::openat(folder, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!holder.is_open()) return false;
  if (::renameat(folder, from, folder, to) == 0) return true;
  const int reason = errno;
  ::unlinkat(folder, to, 0);
  errno = reason;
  return false;
}

}  // namespace

std::optional<int> named_descriptor(std::string_view path) {
  if (path == "-" || path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!path.starts_with(folder)) continue;
    const std::string_view number = path.substr(folder.size());
    int fd = -1;
    const auto [end, failure] = std::from_chars(number.begin(), number.end(), fd);
    if (failure == std::errc() && end == number.end() && fd >= 0) return fd;
  }
  return std::nullopt;
}

std::unique_ptr<OutputFile> OutputFile::open(const std::string& path,
                                             const std::optional<NameInFolder>& name_in_folder,
                                             std::function<void()> checkpoint) {
  if (path.empty()) throw Error(ErrorKind::configuration, "the name of an output file is empty");
  std::unique_ptr<OutputFile> file(new OutputFile(std::move(checkpoint)));
  file->name_ = path;
  if (const std::optional<int> fd = named_descriptor(path)) {
    file->open_descriptor(*fd);
  } else {
    file->open_path(path, name_in_folder);
  }
  return file;
}

OutputFile::~OutputFile() {
  writer_.reset();
  temporary_ = TemporaryFile();
  if (!new_folder_.empty()) ::rmdir(new_folder_.c_str());
}

void OutputFile::open_path(const std::string& path,
                           const std::optional<NameInFolder>& name_in_folder) {
  // The system's own look at the path comes first: it refuses endless links, and links that
  // strangers left in a folder open to all.
  const bool ends_with_slash = path.ends_with('/');
  const std::string without_slash = path.substr(0, path.find_last_not_of('/') + 1);
  struct stat old {};
  const bool exists = ::stat(without_slash.empty() ? "/" : without_slash.c_str(), &old) == 0;
  if (!exists && errno != ENOENT) fail(errno);

  if (exists ? S_ISDIR(old.st_mode) : ends_with_slash) {
    if (name_in_folder) return open_in_folder(path, exists, *name_in_folder);
    throw Error(ErrorKind::configuration, in_quotes(path) + " is a folder; name a file in it");
  }
  if (ends_with_slash) {
    throw Error(ErrorKind::configuration,
                in_quotes(path) + " is a file; leave out the '/' at its end");
  }
  if (exists && !S_ISREG(old.st_mode)) return open_directly(path);
  if (exists) old_ = old;
  replace_file(path);
}

void OutputFile::open_descriptor(int fd) {
  is_stdout_ = fd == STDOUT_FILENO;
  if (is_stdout_) name_ = "standard output";
  constexpr int kAboveStandardStreams = 3;
  // A pipe is opened anew, so that not to block in writes is a matter of this description alone.
  struct stat status {};
  if (::fstat(fd, &status) == 0 && S_ISFIFO(status.st_mode)) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    fd_ = UniqueFd(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  }
  if (!fd_.is_open()) fd_ = UniqueFd(::fcntl(fd, F_DUPFD_CLOEXEC, kAboveStandardStreams));
  if (!fd_.is_open()) fail(errno);
}

void OutputFile::open_directly(const std::string& path) {
  constexpr auto kRetryAfter = std::chrono::milliseconds(20);
  while (true) {
    fd_ = UniqueFd(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
    if (fd_.is_open()) return;
    if (errno != ENXIO && errno != EINTR) fail(errno);
    checkpoint_();  // a named pipe without a reader
    std::this_thread::sleep_for(kRetryAfter);
  }
}

void OutputFile::open_in_folder(const std::string& path, bool exists, const NameInFolder& name) {
  free_name_ = name;
  name_ = path + (path.ends_with('/') ? "" : "/") + name_in_folder_nth(name, 1);
  const std::optional<std::string> folder = follow_links(path);
  if (!folder) fail(ELOOP);
  if (!exists) {
    if (::mkdir(folder->c_str(), 0777) == 0) {
      new_folder_ = *folder;
    } else if (errno != EEXIST) {
      fail(errno);
    }
  }
  folder_ = open_folder(*folder);
  if (!folder_.is_open()) fail(errno);
  create_temporary();
}

void OutputFile::replace_file(const std::string& path) {
  const std::optional<std::string> target = follow_links(path);
  if (!target) fail(ELOOP);
  const PathParts parts = split_path(*target);
  target_name_ = parts.name;
  folder_ = open_folder(parts.folder);
  if (!folder_.is_open()) fail(errno);
  create_temporary();
}

void OutputFile::create_temporary() {
  TemporaryFile::remove_left_behind(folder_.get(), target_name_);
  // Nobody may read meanwhile what the old file's mode will hide.
  const mode_t mode = old_ ? 0600 : 0666;
  temporary_ = TemporaryFile::create(folder_.get(), target_name_, mode);
  if (!temporary_.is_open()) fail(errno);
  writer_ = std::make_unique<BackgroundWriter>(temporary_.fd().get());
}

void OutputFile::append(std::string_view bytes) {
  if (writer_ == nullptr) return append_directly(bytes);
  try {
    writer_->append(bytes);
  } catch (const std::system_error& error) {
    fail(error.code().value());
  }
}

void OutputFile::append_directly(std::string_view bytes) {
  while (!bytes.empty()) {
    bytes.remove_prefix(bytes_written(::write(fd_.get(), bytes.data(), bytes.size())));
  }
}

// How much one write has written: 0 where it is to be tried again.
std::size_t OutputFile::bytes_written(ssize_t result) {
  if (result > 0) return static_cast<std::size_t>(result);
  if (result == 0) fail(ENOSPC);
  if (errno == EINTR || errno == EAGAIN) {
    await_ready(fd_.get(), POLLOUT, checkpoint_);
    return 0;
  }
  if (errno == EPIPE && is_stdout_ && may_lose_reader_) throw ClosedPipe();
  fail(errno);
}

void OutputFile::commit() {
  if (is_direct()) {
    if (!flush(fd_) || !fd_.close()) fail(errno);
    return;
  }
  try {
    writer_->finish();
  } catch (const std::system_error& error) {
    fail(error.code().value());
  }
  writer_.reset();
  // Only now: a write takes the setuid bit away.
  if (old_ && !keep_owner_and_mode(temporary_.fd().get(), *old_)) fail(errno);
  if (!flush(temporary_.fd()) || !temporary_.close()) fail(errno);

  if (free_name_) {
    publish_under_free_name();
  } else if (::renameat(folder_.get(), temporary_.name().c_str(), folder_.get(),
                        target_name_.c_str()) != 0) {
    fail(errno);
  }
  temporary_.release();
  const std::string new_folder = std::exchange(new_folder_, "");
  if (!flush_folder(folder_)) fail(errno);
  if (new_folder.empty()) return;
  if (!flush_folder(open_folder(split_path(new_folder).folder))) fail(errno);
}

void OutputFile::publish_under_free_name() {
  const std::string folder = name_.substr(0, name_.rfind('/') + 1);
  for (int nth = 1; nth <= kMaxResultsPerSecond; ++nth) {
    const std::string name = name_in_folder_nth(*free_name_, nth);
    if (rename_if_free(folder_.get(), temporary_.name().c_str(), name.c_str())) {
      name_ = folder + name;
      return;
    }
    if (errno != EEXIST) break;
  }
  fail(errno);
}

void OutputFile::fail(int system_error) const {
  throw Error(ErrorKind::run, "cannot write " + (is_stdout_ ? name_ : in_quotes(name_)) + ": " +
                                  std::system_category().message(system_error) + "; " +
                                  advice(system_error));
}

}  // namespace billing
