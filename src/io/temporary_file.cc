#include "io/temporary_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "io/file_identity.h"

namespace billing {
namespace {

constexpr int kMaxAttempts = 100;
constexpr std::string_view kPrefix = ".billing-";
constexpr std::string_view kSuffix = ".tmp";

std::string in_hex(std::uint64_t number) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), number, 16).ptr;
  return {digits.begin(), end};
}

/// FNV-1a: the same in every build of the program.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

/// Whether one machine alone mounts such a file system, so that its locks hold for all writers.
bool is_of_this_machine_alone(int folder) {
  constexpr std::array<std::uint64_t, 6> kLocal{EXT4_SUPER_MAGIC,  XFS_SUPER_MAGIC,
                                                BTRFS_SUPER_MAGIC, F2FS_SUPER_MAGIC,
                                                TMPFS_MAGIC,       OVERLAYFS_SUPER_MAGIC};
  struct statfs file_system {};
  if (::fstatfs(folder, &file_system) != 0) return false;
  const auto type = static_cast<std::uint64_t>(file_system.f_type) & 0xffffffff;
  return std::find(kLocal.begin(), kLocal.end(), type) != kLocal.end();
}

/// Another one on each machine, and after each of its starts; empty where the system tells none.
std::string boot_id() {
  const UniqueFd fd(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
  std::array<char, 64> id;
  const ssize_t size = ::read(fd.get(), id.data(), id.size());
  return {id.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

/// What the names of all temporary files for a target begin with; nothing where no lock could prove
/// that they are dead.
std::string names_for(int folder, const std::string& target) {
  std::string machine;
  if (!is_of_this_machine_alone(folder)) {
    machine = boot_id();
    if (machine.empty()) return "";
  }
  return std::string(kPrefix) + in_hex(hash_of(machine + '/' + target)) + '-';
}

/// Short, so that it fits where the target's own name does, and not to be guessed.
std::string random_name(std::string_view beginning) {
  return std::string(beginning) + in_hex(std::random_device{}()) + std::string(kSuffix);
}

bool lock(const UniqueFd& fd) { return ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0; }

bool is_named(int folder, const std::string& name, const UniqueFd& fd) {
  struct stat status {};
  return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG(status.st_mode) &&
         identity_of(fd.get()) == FileIdentity{status.st_dev, status.st_ino};
}

UniqueFd open_left_behind(int folder, const std::string& name) {
  constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  // Some file systems lock only what is open for writing, and the old result's mode may forbid
  // that.
  UniqueFd fd(::openat(folder, name.c_str(), O_RDWR | kFlags));
  if (!fd.is_open()) fd = UniqueFd(::openat(folder, name.c_str(), O_RDONLY | kFlags));
  return fd;
}

std::vector<std::string> names_in(int folder, const std::string& beginning) {
  std::vector<std::string> names;
  const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(fd < 0 ? nullptr : ::fdopendir(fd), ::closedir);
  if (entries == nullptr) return names;  // one that may be written, but not listed
  while (const dirent* const entry = ::readdir(entries.get())) {
    const std::string_view name = entry->d_name;
    if (name.starts_with(beginning) && name.ends_with(kSuffix)) names.emplace_back(name);
  }
  return names;
}

}  // namespace

bool is_temporary_name(std::string_view name) {
  return name.starts_with(kPrefix) && name.ends_with(kSuffix);
}

TemporaryFile::TemporaryFile(int folder, std::string name, UniqueFd fd, UniqueFd lock)
    : folder_(folder), name_(std::move(name)), fd_(std::move(fd)), lock_(std::move(lock)) {}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : folder_(other.folder_),
      name_(std::exchange(other.name_, "")),
      fd_(std::move(other.fd_)),
      lock_(std::move(other.lock_)) {}

TemporaryFile& TemporaryFile::operator=(TemporaryFile&& other) noexcept {
  if (this == &other) return *this;
  remove();
  folder_ = other.folder_;
  name_ = std::exchange(other.name_, "");
  fd_ = std::move(other.fd_);
  lock_ = std::move(other.lock_);
  return *this;
}

TemporaryFile::~TemporaryFile() { remove(); }

void TemporaryFile::remove() {
  if (!name_.empty()) ::unlinkat(folder_, name_.c_str(), 0);
  name_.clear();
}

void TemporaryFile::release() {
  name_.clear();
  fd_.close();
  lock_.close();
}

void TemporaryFile::remove_left_behind(int folder, const std::string& target) {
  const std::string beginning = names_for(folder, target);
  if (beginning.empty()) return;
  for (const std::string& name : names_in(folder, beginning)) {
    const UniqueFd fd = open_left_behind(folder, name);
    // Where it fails, somebody else has removed it, or may and we may not.
    if (fd.is_open() && lock(fd) && is_named(folder, name, fd)) ::unlinkat(folder, name.c_str(), 0);
  }
}

TemporaryFile TemporaryFile::create(int folder, const std::string& target, mode_t mode) {
  constexpr int kAboveStandardStreams = 3;
  std::string beginning = names_for(folder, target);
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const bool is_to_be_found = !beginning.empty();
    const std::string name = random_name(is_to_be_found ? beginning : kPrefix);
    UniqueFd fd(::openat(folder, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (!fd.is_open() && errno == EEXIST) continue;
    if (!fd.is_open()) return {};
    TemporaryFile file(folder, name, std::move(fd), UniqueFd());
    if (is_to_be_found && !lock(file.fd_)) {
      // Somebody looks whether it is dead, or there are no locks here.
      if (errno != EWOULDBLOCK) beginning.clear();
      continue;
    }
    if (is_to_be_found && !is_named(folder, name, file.fd_)) continue;
    file.lock_ = UniqueFd(::fcntl(file.fd_.get(), F_DUPFD_CLOEXEC, kAboveStandardStreams));
    if (!file.lock_.is_open()) return {};
    return file;
  }
  errno = EEXIST;
  return {};
}

UniqueFd open_nameless(const std::string& folder) {
  UniqueFd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (fd.is_open() || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
  std::string path = folder + "/billing-XXXXXX";  // a file system that knows none such
  fd = UniqueFd(::mkostemp(path.data(), O_CLOEXEC));
  if (fd.is_open()) ::unlink(path.c_str());
  return fd;
}

}  // namespace billing
