#pragma once

// The table of subcommands. A new one is a file beside this one and a row in command.cc.

#include <functional>
#include <span>
#include <string_view>

#include "options/command_options.h"
#include "options/mistakes.h"

namespace billing::cli {

/// Runs a command once its options are parsed; `mistakes` are those already found in the command
/// line, to be reported together with its own. Returns the exit code or throws Error.
using Action = std::function<int(Mistakes& mistakes)>;

/// Fills in what the command takes. The targets live as long as the returned action.
using SetUp = Action (*)(CommandOptions& options);

struct Command {
  std::string_view name;
  std::string_view purpose;  ///< empty: not told of in help
  SetUp set_up;
};

/// All of them, in the order of the help.
std::span<const Command> all_commands();

inline constexpr std::string_view kProgramPurpose =
    "Turns API logs into bills: exact to the last cent, the same on every run.";

Action set_up_aggregate(CommandOptions& options);
Action set_up_check(CommandOptions& options);
Action set_up_formats(CommandOptions& options);
Action set_up_merge(CommandOptions& options);
Action set_up_inspect(CommandOptions& options);
Action set_up_bench(CommandOptions& options);
Action set_up_generate(CommandOptions& options);
Action set_up_document(CommandOptions& options);

/// Parses the command line and runs the command. Throws Error.
int run_program(int argc, const char* const* argv);

}  // namespace billing::cli
