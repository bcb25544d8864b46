#pragma once

#include <string_view>

namespace billing::cli {

/// Writes an answer (not a bill) to standard output. Throws Error(run) where that fails, ClosedPipe
/// where its reader has gone.
void print(std::string_view text);

}  // namespace billing::cli
