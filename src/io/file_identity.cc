#include "io/file_identity.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace billing {
namespace {

// Linux itself follows no more.
constexpr int kMaxLinks = 40;

FileIdentity identity_in(const struct stat& status) {
  return {static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino)};
}

std::optional<FileIdentity> identity_if_regular(const struct stat& status) {
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return identity_in(status);
}

void drop_slashes_at_end(std::string& path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
}

// Nothing where the path is no symlink.
std::optional<std::string> content_of_link(const std::string& path) {
  std::array<char, PATH_MAX> content;
  const ssize_t size = ::readlink(path.c_str(), content.data(), content.size());
  if (size < 0) return std::nullopt;
  return std::string(content.data(), static_cast<std::size_t>(size));
}

// A file that exists has its own identity and no name, a missing one that of its folder and a name;
// so the two kinds never compare as equal.
struct Target {
  FileIdentity identity;
  std::string missing_name;

  friend bool operator==(const Target&, const Target&) = default;
};

std::optional<Target> target_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0) {
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return Target{identity_in(status), ""};
  }
  if (errno != ENOENT) return std::nullopt;

  const std::optional<std::string> end = follow_links(path);
  if (!end) return std::nullopt;
  PathParts parts = split_path(*end);
  if (::stat(parts.folder.c_str(), &status) != 0) return std::nullopt;
  return Target{identity_in(status), std::move(parts.name)};
}

}  // namespace

std::optional<FileIdentity> identity_of(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return std::nullopt;
  return identity_if_regular(status);
}

std::optional<FileIdentity> identity_of(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return identity_if_regular(status);
}

bool same_stream(const std::string& path_a, const std::string& path_b) {
  struct stat a {};
  struct stat b {};
  if (::stat(path_a.c_str(), &a) != 0 || ::stat(path_b.c_str(), &b) != 0) return false;
  const dev_t null_device = makedev(1, 3);
  if (S_ISCHR(a.st_mode) && a.st_rdev == null_device) return false;
  return identity_in(a) == identity_in(b);
}

bool same_target(const std::string& path_a, const std::string& path_b) {
  const std::optional<Target> a = target_of(path_a);
  return a && a == target_of(path_b);
}

std::optional<std::string> follow_links(std::string path) {
  for (int links = 0; links <= kMaxLinks; ++links) {
    drop_slashes_at_end(path);
    const std::optional<std::string> content = content_of_link(path);
    if (!content) return path;
    path = content->starts_with('/') ? *content : split_path(path).folder + "/" + *content;
  }
  return std::nullopt;
}

PathParts split_path(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

}  // namespace billing
