// Which file a path or a descriptor leads to, so that a result never replaces its own input.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace billing {

/// Equal for all names of one file, as long as the file exists.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
  friend bool operator<(const FileIdentity& a, const FileIdentity& b) {
    return std::tie(a.device, a.inode) < std::tie(b.device, b.inode);
  }
};

/// The identity of a regular file; nothing for all else. What is no regular file (/dev/null, a
/// pipe, a terminal) may well be read and written at once, so it must never count as equal to
/// anything.
std::optional<FileIdentity> identity_of(int fd);

/// Follows symlinks; nothing also where there is no file.
std::optional<FileIdentity> identity_of(const std::string& path);

/// Would writing to one path replace the other? Files that exist are compared by identity, those
/// still missing by the identity of their folder and their name in it; both after symlinks,
/// dangling ones too. False where a path leads nowhere: opening it says why.
/// `-` is a file of that name here; for the standard streams compare `identity_of(0)` and the like.
bool same_target(const std::string& path_a, const std::string& path_b);

/// Do both paths lead to one file, pipe or terminal (/dev/stdout may be any of these)? False for
/// /dev/null, which takes everything, and for what does not exist.
bool same_stream(const std::string& path_a, const std::string& path_b);

/// The path after all symlinks in its last place, also where the last one dangles; slashes at the
/// end are dropped. A relative link counts from its own folder. Nothing where the links never end.
std::optional<std::string> follow_links(std::string path);

struct PathParts {
  std::string folder;  ///< `.` where the path has none
  std::string name;
};

/// `path` without slashes at its end.
PathParts split_path(const std::string& path);

}  // namespace billing
