#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "options/command_options.h"

namespace billing::cli {

/// A command of the program with all that it takes.
struct DocumentedCommand {
  const Command* command;
  CommandOptions options;
};

/// billing(1), in the language of man(7).
std::string manual_page(const std::vector<DocumentedCommand>& commands);

}  // namespace billing::cli
