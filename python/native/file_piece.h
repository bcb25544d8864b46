#pragma once

// The records of a file that begin within a range of its bytes: pieces that meet hold each record
// once, wherever they were cut.

#include <cstdint>
#include <optional>
#include <string>

#include "io/input.h"

namespace billing::python {

/// Whole lines of a file.
struct LineRange {
  std::uint64_t begin_bytes = 0;
  std::uint64_t end_bytes = 0;
  bool is_whole = false;  ///< all of the file
  bool is_last = false;   ///< nothing follows
};

/// The lines that begin at byte `begin` or later and before byte `end` (none: at any later one).
/// Throws Error(run) where the file cannot be read, and Error(configuration) for a file without a
/// size or a compressed one, of which there are no pieces.
LineRange lines_of(const Input& input, std::uint64_t begin, std::optional<std::uint64_t> end);

}  // namespace billing::python
