#pragma once

// The table of subcommands. A new one is a file beside this one and a row in command.cc.

#include <CLI/CLI.hpp>
#include <functional>

#include "cli/mistakes.h"

namespace billing::cli {

/// Runs a command once its options are parsed; `mistakes` are those already found in the command
/// line, to be reported together with its own. Returns the exit code or throws Error.
using Action = std::function<int(Mistakes& mistakes)>;

/// Adds the command's options to `app`, which outlives the returned action.
using SetUp = Action (*)(CLI::App& app);

struct Command {
  const char* name;
  const char* purpose;
  SetUp set_up;
};

Action set_up_aggregate(CLI::App& app);
Action set_up_merge(CLI::App& app);
Action set_up_inspect(CLI::App& app);
Action set_up_bench(CLI::App& app);
Action set_up_generate(CLI::App& app);

/// Parses the command line and runs the command. Throws Error.
int run_program(int argc, const char* const* argv);

}  // namespace billing::cli
