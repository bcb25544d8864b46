#pragma once

// Temporary files for what does not fit into memory.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "billing/byte_source.h"
#include "io/file_bytes.h"

namespace billing {

/// Where temporary files go, and how much memory a merge of them may take.
struct SpillOptions {
  std::string folder;
  std::size_t merge_bytes = std::size_t{64} << 20;  ///< for the buffers of one merge
  std::function<void()> checkpoint = [] {};
  /// Called with the bytes that all task names take, as they grow; throws when that is too much.
  std::function<void(std::uint64_t)> check_task_bytes = [](std::uint64_t) {};
  std::uint64_t* spilled_bytes = nullptr;  ///< if not null: grows by what is written
};

/// A temporary file that has no name and goes when it is closed, of what `write` hands to its sink.
/// Throws Error(run) that names the folder where it cannot be written.
std::shared_ptr<const FileBytes> write_spill_file(
    const SpillOptions& options, const std::function<void(const ByteSink&)>& write);

}  // namespace billing
