#pragma once

// Where a generated log goes: one file, or a folder of them.

#include <cstdint>
#include <functional>
#include <string>

#include "generate/log_generator.h"

namespace billing::cli {

struct GeneratedFiles {
  std::string output = "-";  ///< a file, or a folder where there is more than one
  std::uint64_t files = 1;   ///< of the log, or of each of its days
  bool is_by_date = false;   ///< `2025/05/02/` for each day
  bool is_gzip = false;      ///< each file by itself

  bool is_folder() const { return files > 1 || is_by_date; }
};

/// Writes the log of these options. `checkpoint` may throw; a file appears whole or not at all.
/// Throws Error(configuration) where the folder is not empty.
void write_generated(const LogGeneratorOptions& options, const GeneratedFiles& wanted,
                     const std::function<void()>& checkpoint);

}  // namespace billing::cli
