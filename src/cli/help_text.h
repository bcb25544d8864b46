#pragma once

// What the program says of itself: help, within 80 columns.

#include <string>
#include <string_view>

#include "cli/command.h"
#include "options/command_options.h"

namespace billing::cli {

/// `--help` and `--version`, which all commands have.
void add_common_options(CommandOptions& options);

std::string version_text();
std::string program_help();
std::string command_help(const Command& command, const CommandOptions& options);

/// `billing aggregate [OPTION...] [FILE...]`.
std::string usage_line(const Command& command, const CommandOptions& options);

/// The purpose of an option with its default.
std::string purpose_of(const OptionRow& row);

/// The groups of the options in the order in which they first come.
std::vector<std::string_view> groups_of(const CommandOptions& options);

}  // namespace billing::cli
