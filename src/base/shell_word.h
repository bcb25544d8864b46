#pragma once

#include <string>
#include <string_view>

namespace billing {

/// The name of a file as it is typed in bash, to be part of a command that a message proposes.
/// Harmless for a terminal: control characters stand in it as escapes.
std::string shell_word(std::string_view name);

}  // namespace billing
