#pragma once

// The names of a usage file's tasks, read block by block, and those of several files as one list.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "partials/block_reader.h"

namespace billing {

/// The names of a file's tasks in their order. One thread.
class TaskReader {
 public:
  /// `blocks` must outlive this and stand at the first block of tasks. Names of a `foreign` file
  /// must be such as logs have.
  TaskReader(BlockReader& blocks, bool foreign)
      : items_(blocks, BlockKind::tasks), foreign_(foreign) {}

  /// Goes to the next name; false behind the last one. Throws Error(run) where the names are not in
  /// order or not distinct.
  bool next();
  std::string_view name() const { return name_; }
  /// Names so far.
  std::uint32_t count() const { return count_; }

 private:
  BlockItems items_;
  bool foreign_;
  std::string name_;
  std::uint32_t count_ = 0;
};

/// For each task of a file, by the file's own number: its index in the common list of several
/// files. In rising order.
using TaskPlaces = std::shared_ptr<const std::vector<std::uint32_t>>;

/// Hands on the names of all files, each once, in order. Each of `blocks` must stand at the first
/// block of tasks of its file, of which foreign files have been read before.
std::vector<TaskPlaces> merge_tasks(const std::vector<std::unique_ptr<BlockReader>>& blocks,
                                    const std::function<void(std::string_view)>& take);

}  // namespace billing
