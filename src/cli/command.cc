#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "cli/help_text.h"
#include "cli/log.h"
#include "cli/print.h"
#include "options/parse_words.h"

namespace billing::cli {
namespace {

constexpr Command kCommands[] = {
    {"aggregate", "Turn logs into a bill: usage and cost per user, billing cycle and task",
     set_up_aggregate},
    {"check", "Say which format inputs have, what is in them, and how to bill them", set_up_check},
    {"formats", "List the formats that inputs may have, with the fields of each", set_up_formats},
    {"merge", "Make one bill, or one partial, of partials", set_up_merge},
    {"inspect", "Say what a partial holds, and whether it is whole", set_up_inspect},
    {"bench", "Time the engines side by side, their results compared first", set_up_bench},
    {"generate", "Write a log to try things with: the same bytes for the same options",
     set_up_generate},
    {"document", "", set_up_document},
};

const Command* find_command(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                         [name](const Command& one) { return one.name == name; });
  return found == std::end(kCommands) ? nullptr : found;
}

[[noreturn]] void fail_for_command(std::string_view word) {
  std::vector<std::string_view> names = {"help", "--help", "--version"};
  for (const Command& command : kCommands) {
    if (!command.purpose.empty()) names.push_back(command.name);
  }
  const bool is_option = word.starts_with('-');
  const std::string closest = did_you_mean(word, names);
  throw Error(ErrorKind::configuration,
              fmt::format("unknown {} {}{} billing --help", is_option ? "option" : "command",
                          quoted_text(word), closest.empty() ? "; see" : closest + " See"));
}

int answer(const std::string& text) {
  print(text);
  return 0;
}

int run_command(const Command& command, const std::vector<std::string>& words) {
  const std::string name = "billing " + std::string(command.name);
  CommandOptions options;
  const Action action = command.set_up(options);
  add_common_options(options);
  Mistakes mistakes;
  switch (parse_words(name, options, words, mistakes)) {
    case Request::help:
      return answer(command_help(command, options));
    case Request::version:
      return answer(version_text());
    case Request::run:
      return action(mistakes);
  }
  __builtin_unreachable();
}

/// `billing help [command]`.
int run_help(const std::vector<std::string>& words) {
  if (words.empty() || words.front() == "help") return answer(program_help());
  const Command* const command = find_command(words.front());
  if (command == nullptr) fail_for_command(words.front());
  return run_command(*command, {"--help"});
}

}  // namespace

std::span<const Command> all_commands() { return kCommands; }

int run_program(int argc, const char* const* argv) {
  start_log();
  if (argc < 2) {
    throw Error(ErrorKind::configuration,
                "no command; for a first bill: billing aggregate logs.txt, or see billing --help");
  }
  const std::string_view first = argv[1];
  const std::vector<std::string> rest(argv + 2, argv + argc);
  if (first == "--help" || first == "-h" || first == "help") return run_help(rest);
  if (first == "--version" || first == "-V") return answer(version_text());
  const Command* const command = find_command(first);
  if (command == nullptr) fail_for_command(first);
  return run_command(*command, rest);
}

}  // namespace billing::cli
