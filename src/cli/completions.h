#pragma once

#include <string>
#include <vector>

#include "cli/manual.h"

namespace billing::cli {

// Scripts that complete the program's commands, options and values.

std::string bash_completion(const std::vector<DocumentedCommand>& commands);
std::string zsh_completion(const std::vector<DocumentedCommand>& commands);
std::string fish_completion(const std::vector<DocumentedCommand>& commands);

}  // namespace billing::cli
