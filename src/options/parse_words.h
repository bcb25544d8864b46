#pragma once

#include <string>
#include <vector>

#include "options/command_options.h"
#include "options/mistakes.h"

namespace billing {

/// What the words of a command line ask for.
enum class Request { run, help, version };

/// Puts the words behind the name of a command into the targets of its options: `--name value`,
/// `--name=value`, `-n value`, `-nvalue`, `-qn value`; after `--` there are only operands, and `-`
/// is one. Names are never abbreviated. What is wrong is added to `mistakes` and proposes the help
/// of `command`.
Request parse_words(const std::string& command, const CommandOptions& options,
                    const std::vector<std::string>& words, Mistakes& mistakes);

}  // namespace billing
