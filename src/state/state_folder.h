#pragma once

// The folder of a state: who may work in it, and what else lies there.

#include <cstdint>
#include <string>
#include <vector>

#include "io/unique_fd.h"

namespace billing {

/// Holds the folder for this run alone, and makes it where there is none.
class StateFolder {
 public:
  /// Removes what runs that were killed have left. Throws Error: run where the folder is in use or
  /// cannot be written to, configuration where it holds something else than a state.
  explicit StateFolder(std::string path);

  const std::string& path() const { return path_; }

  /// The partial that is the state.
  std::string partial_path() const;
  bool has_partial() const;

  /// The rejects of the run that changes the state for the nth time, until they are delivered.
  std::string rejects_path(std::uint64_t run) const;
  /// The runs of which there are rejects, in their order.
  std::vector<std::uint64_t> runs_with_rejects() const;

  /// Whether a path leads to a file of the state in the folder `path`.
  static bool owns(const std::string& path, const std::string& file);
  /// Whether a path, which may be that of a folder, leads into the folder `path`.
  static bool holds(const std::string& path, const std::string& file);

 private:
  std::string path_;
  UniqueFd lock_;
};

}  // namespace billing
