#include "io/folder_walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string_view>
#include <utility>

#include "base/complaints.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "io/unique_fd.h"

namespace billing {
namespace {

constexpr std::uint64_t kEntriesBetweenCheckpoints = 256;

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

/// Null, with the reason in errno. A folder that a link has taken the place of meanwhile is not
/// entered, but the one that was named may be a link.
OpenFolder open_for_listing(const std::string& path, bool is_named) {
  const int no_links = is_named ? 0 : O_NOFOLLOW;
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | no_links);
  if (fd < 0) return nullptr;
  OpenFolder folder(fdopendir(fd));
  if (!folder) UniqueFd(fd).close();
  return folder;
}

class FolderWalk {
 public:
  FolderWalk(const std::string& folder, const PathFilter& filter,
             const std::function<void(std::uint64_t)>& checkpoint)
      : top_(folder.ends_with('/') ? folder : folder + "/"),
        filter_(filter),
        checkpoint_(checkpoint) {}

  FolderContent run() {
    list(top_);
    while (!waiting_.empty()) {
      const std::string folder = std::move(waiting_.back());
      waiting_.pop_back();
      list(folder);
    }
    // The system lists in any order.
    report_unreadable();
    std::sort(content_.files.begin(), content_.files.end(),
              [](const FileInFolder& a, const FileInFolder& b) { return a.path < b.path; });
    std::sort(content_.linked_folders.begin(), content_.linked_folders.end());
    std::sort(content_.special_files.begin(), content_.special_files.end());
    return std::move(content_);
  }

 private:
  /// `folder` ends in a slash.
  void list(const std::string& folder) {
    checkpoint_(content_.files.size());
    const OpenFolder open = open_for_listing(folder, folder.size() == top_.size());
    if (!open) return note_unreadable(folder, errno);
    while (true) {
      errno = 0;
      const dirent* const entry = readdir(open.get());
      if (entry == nullptr) break;
      if (entry->d_name[0] != '.') take(dirfd(open.get()), folder, entry->d_name);
      if (++entries_ % kEntriesBetweenCheckpoints == 0) checkpoint_(content_.files.size());
    }
    if (errno != 0) note_unreadable(folder, errno);
  }

  void take(int folder_fd, const std::string& folder, const char* name) {
    std::string path = folder + name;
    struct stat status {};
    bool is_known = fstatat(folder_fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    if (is_known && S_ISDIR(status.st_mode)) {
      if (!filter_.enters_folder(below_top(path))) return exclude();
      return waiting_.push_back(path + "/");
    }
    if (!filter_.takes_file(below_top(path))) return exclude();
    if (is_known && S_ISLNK(status.st_mode)) {
      is_known = fstatat(folder_fd, name, &status, 0) == 0;
      if (is_known && S_ISDIR(status.st_mode)) {
        return content_.linked_folders.push_back(std::move(path));
      }
    }
    if (!is_known) return content_.files.push_back({std::move(path), std::nullopt});
    if (!S_ISREG(status.st_mode)) return content_.special_files.push_back(std::move(path));
    content_.files.push_back({std::move(path), FileIdentity{status.st_dev, status.st_ino}});
  }

  std::string_view below_top(std::string_view path) const { return path.substr(top_.size()); }

  void exclude() { ++content_.excluded; }

  void note_unreadable(std::string folder, int reason) {
    if (folder.size() > 1) folder.pop_back();
    unreadable_.emplace_back(std::move(folder), reason);
  }

  void report_unreadable() {
    if (unreadable_.empty()) return;
    std::sort(unreadable_.begin(), unreadable_.end());
    Complaints complaints;
    for (const auto& [folder, reason] : unreadable_)
      complaints.add(escaped_text(folder) + ": " + describe_open_failure(reason, "folder"));
    throw Error(ErrorKind::run, complaints.text());
  }

  const std::string top_;
  const PathFilter& filter_;
  const std::function<void(std::uint64_t)>& checkpoint_;
  std::vector<std::string> waiting_;
  FolderContent content_;
  std::vector<std::pair<std::string, int>> unreadable_;  ///< with the system's reason
  std::uint64_t entries_ = 0;
};

}  // namespace

FolderContent list_folder(const std::string& folder, const PathFilter& filter,
                          const std::function<void(std::uint64_t files)>& checkpoint) {
  return FolderWalk(folder, filter, checkpoint).run();
}

}  // namespace billing
