#pragma once

// Bringing files and the entries of folders to the disk, so that they outlive a power failure.

#include <string>

#include "io/unique_fd.h"

namespace billing {

/// A folder that may be written but not read is opened, too; it just cannot be flushed. Not open
/// where there is none, with the reason in errno.
UniqueFd open_folder(const std::string& path);

/// False, with the reason in errno, where bytes may be lost; true also for what knows no flushing
/// (a pipe, a terminal, some network folders).
bool flush(const UniqueFd& fd);

/// The entries of an open folder.
bool flush_folder(const UniqueFd& folder);

}  // namespace billing
