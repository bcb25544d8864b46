#pragma once

// Everything below a folder that may be an input.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "io/file_identity.h"
#include "io/path_glob.h"

namespace billing {

struct FileInFolder {
  std::string path;
  /// Nothing where the file cannot be looked at: whoever opens it is told why.
  std::optional<FileIdentity> identity;
};

/// All ordered by the bytes of their paths.
struct FolderContent {
  std::vector<FileInFolder> files;
  std::vector<std::string> linked_folders;  ///< links to folders, which were not followed
  std::vector<std::string> special_files;   ///< sockets, pipes and devices
  std::uint64_t excluded = 0;               ///< files and folders that the filter leaves out
};

/// Lists regular files and links to such, and links that lead nowhere, which shall not be missed
/// silently. What is hidden is passed over. `folder` may be a link itself. Holds one descriptor at
/// a time. `checkpoint` is called every now and then with how many files were found.
///
/// Throws Error(run) that names the folders that cannot be read.
FolderContent list_folder(const std::string& folder, const PathFilter& filter,
                          const std::function<void(std::uint64_t files)>& checkpoint);

}  // namespace billing
