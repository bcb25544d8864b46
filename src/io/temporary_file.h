#pragma once

// The file that a result is written to before it takes its target's place, and what becomes of it
// where a run dies.

#include <sys/types.h>

#include <string>
#include <string_view>

#include "io/unique_fd.h"

namespace billing {

/// Whether a temporary file may have this name.
bool is_temporary_name(std::string_view name);

/// A new file in the folder of its target, under a name that no target has.
///
/// A run that is killed cannot take its temporary file away, so the next run to the same target
/// does. Whether a run is dead is told by a lock: its writer holds one on the file from its
/// creation until the file has its final name, and the system releases it with the process,
/// whatever ends that. A file that somebody else can lock has no writer.
///
/// - Two runs at once: neither can lock the other's file, so both stay, and the last one to commit
///   wins as ever. Between the creation of a file and its lock another run may take it for dead and
///   remove it; its writer notices, because it looks under the name after it has the lock, and
///   makes another.
/// - A file that has just been renamed to its target may still be locked by one who was about to
///   look at it; its temporary name is gone, so there is nothing to remove.
/// - No locks on the file system: nobody gets one, so nothing is removed. A writer that gets none
///   uses a name that is never looked for.
/// - Locks that hold for one machine only (some network and FUSE mounts): names there contain the
///   machine and its start, and a run looks only for names of its own.
class TemporaryFile {
 public:
  TemporaryFile() = default;
  TemporaryFile(TemporaryFile&&) noexcept;
  TemporaryFile& operator=(TemporaryFile&&) noexcept;
  /// Removes the file unless release() was called.
  ~TemporaryFile();

  /// Removes what dead runs to `target`, a name in `folder`, have left there.
  static void remove_left_behind(int folder, const std::string& target);

  /// Creates the file, open for writing. `folder` must stay open as long as it. Not open, with the
  /// reason in errno, where that fails.
  static TemporaryFile create(int folder, const std::string& target, mode_t mode);

  bool is_open() const { return fd_.is_open(); }
  const UniqueFd& fd() const { return fd_; }
  const std::string& name() const { return name_; }

  /// Closes the descriptor that was written to. False, with the reason in errno, where the system
  /// only now reports that writes were lost. The lock stays.
  bool close() { return fd_.close(); }

  /// The file has its final name: it stays, and its lock goes.
  void release();

 private:
  TemporaryFile(int folder, std::string name, UniqueFd fd, UniqueFd lock);
  void remove();

  int folder_ = -1;
  std::string name_;  ///< in the folder; empty where there is nothing to remove
  UniqueFd fd_;
  UniqueFd lock_;  ///< the same open file: the lock lasts until both are closed
};

/// A file in `folder`, open for reading and writing, that has no name: nothing is left behind,
/// whatever happens. Not open, with the reason in errno, where that fails.
UniqueFd open_nameless(const std::string& folder);

}  // namespace billing
