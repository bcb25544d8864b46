#include "cli/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/escape_text.h"
#include "billing/error.h"
#include "cli/help_format.h"
#include "cli/log.h"

namespace billing::cli {
namespace {

constexpr Command kCommands[] = {
    {"aggregate", "Turn logs into a bill: usage and cost per user, billing cycle and task",
     set_up_aggregate},
    {"merge", "Make one bill, or one partial, of partials", set_up_merge},
    {"inspect", "Say what a partial holds, and whether it is whole", set_up_inspect},
    {"bench", "Time the engines side by side, their results compared first", set_up_bench},
    {"generate", "Write a log to try things with: the same bytes for the same options",
     set_up_generate},
};

struct Choice {
  CLI::App* app;
  Action action;
};

bool is_option(const std::string& word) { return word.size() > 1 && word.starts_with('-'); }

struct CommandLine {
  std::vector<std::string> words;  ///< as CLI11 parses them: the last one first
  std::vector<std::string> files;  ///< what follows `--`
};

bool is_list(std::string_view value) { return value.starts_with('[') && value.ends_with(']'); }

/// CLI11 would take a value `[a,b]` for the list a, b, and `++` for the end of the command; as
/// paths, ./[a,b] and ./++ are the same.
std::string taken_literally(std::string word) {
  std::size_t value = 0;
  if (word.starts_with("--")) {
    value = std::min(word.find('='), word.size() - 1) + 1;
  } else if (is_option(word)) {
    value = 2;
  }
  const bool special = is_list(std::string_view(word).substr(value)) || word == "++";
  return special ? word.insert(value, "./") : word;
}

CommandLine read_words(int argc, const char* const* argv) {
  CommandLine line;
  bool only_files = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--" && !only_files) {
      only_files = true;
      continue;
    }
    if (only_files) {
      line.files.push_back(is_list(word) ? "./" + word : word);
    } else {
      line.words.push_back(taken_literally(word));
    }
  }
  std::reverse(line.words.begin(), line.words.end());
  return line;
}

void report_surplus(const std::string& what, const std::string& word, const std::string& command,
                    Mistakes& mistakes) {
  mistakes.add(fmt::format("{} {}; see {} --help", what, quoted_text(word), command));
}

/// Words that nothing took: reported with all other mistakes, not one at a time.
void report_extras(const std::string& command, const std::vector<std::string>& words,
                   Mistakes& mistakes) {
  for (const std::string& word : words) {
    report_surplus(is_option(word) ? "unknown option" : "unexpected argument", word, command,
                   mistakes);
  }
}

/// CLI11 knows `--` too, but not where a command has a file already.
void add_files(const std::vector<std::string>& files, CLI::App& command, Mistakes& mistakes) {
  const auto takes_files = [](CLI::Option* option) { return option->get_positional(); };
  const std::vector<CLI::Option*> options = command.get_options(takes_files);
  CLI::Option* const option = options.empty() ? nullptr : options.front();
  const auto room =
      option == nullptr ? 0 : static_cast<std::size_t>(option->get_items_expected_max());
  for (const std::string& file : files) {
    if (option != nullptr && option->count() < room) {
      option->add_result(file);
    } else {
      report_surplus("unexpected argument", file, "billing " + command.get_name(), mistakes);
    }
  }
  // All of an option's values are read anew, so once for all files.
  if (option != nullptr && !files.empty()) option->run_callback();
}

/// Exit code where parsing already answers (help, version); throws Error for a wrong command line.
int answer(const CLI::App& app, const CLI::ParseError& problem) {
  if (problem.get_exit_code() == 0) return app.exit(problem);
  throw Error(ErrorKind::configuration, std::string(problem.what()) + "\nsee billing --help");
}

}  // namespace

int run_program(int argc, const char* const* argv) {
  start_log();
  CLI::App program("Turns API logs into bills: exact to the last cent, the same on every run.",
                   "billing");
  program.set_version_flag("--version", "billing " BILLING_VERSION);
  program.require_subcommand(0, 1);
  program.allow_extras();
  program.formatter(std::make_shared<HelpFormat>());
  program.footer(
      "A first bill:\n"
      "  billing aggregate --input logs.txt --output results.txt --rate login=0.005\n"
      "Options of a command: billing aggregate --help");
  std::vector<Choice> choices;
  for (const Command& command : kCommands) {
    CLI::App* const app = program.add_subcommand(command.name, command.purpose);
    app->allow_extras();
    choices.push_back({app, command.set_up(*app)});
  }
  Mistakes mistakes;
  const CommandLine line = read_words(argc, argv);
  try {
    std::vector<std::string> words = line.words;  // the parser spends them
    program.parse(words);
    for (const Choice& choice : choices) {
      if (!choice.app->parsed()) continue;
      report_extras("billing", program.remaining(), mistakes);
      add_files(line.files, *choice.app, mistakes);
      report_extras("billing " + choice.app->get_name(), choice.app->remaining(), mistakes);
      return choice.action(mistakes);
    }
  } catch (const CLI::ParseError& problem) {
    return answer(program, problem);
  }
  if (!line.words.empty()) {
    report_surplus("unknown command", argv[1], "billing", mistakes);
  } else {
    mistakes.add("no command; for a first bill: billing aggregate logs.txt, or see billing --help");
  }
  mistakes.report();
  return 0;
}

}  // namespace billing::cli
