// `billing document`: the manual page and the completions of shells, for packages; made of the same
// rows as --help.

#include <fmt/format.h>

#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "base/escape_text.h"
#include "billing/error.h"
#include "cli/command.h"
#include "cli/completions.h"
#include "cli/help_text.h"
#include "cli/manual.h"
#include "cli/print.h"

namespace billing::cli {
namespace {

using Writer = std::string (*)(const std::vector<DocumentedCommand>& commands);

constexpr std::pair<std::string_view, Writer> kDocuments[] = {{"man", manual_page},
                                                              {"bash", bash_completion},
                                                              {"zsh", zsh_completion},
                                                              {"fish", fish_completion}};

int run_document(const std::string& wanted, Mistakes& mistakes) {
  std::vector<DocumentedCommand> commands;
  std::vector<Action> owners;  // of what the options lead to
  for (const Command& command : all_commands()) {
    if (command.purpose.empty()) continue;
    commands.push_back({&command, {}});
    owners.push_back(command.set_up(commands.back().options));
    add_common_options(commands.back().options);
  }
  for (const auto& [name, write] : kDocuments) {
    if (name != wanted) continue;
    mistakes.report();
    print(write(commands));
    return 0;
  }
  mistakes.add("billing document: unknown document " + quoted_text(wanted) +
               "; use one of man, bash, zsh, fish");
  mistakes.report();
  return 0;
}

}  // namespace

Action set_up_document(CommandOptions& options) {
  auto wanted = std::make_shared<std::string>();
  options.operands = {.value = "man|bash|zsh|fish", .target = wanted.get()};
  return [wanted](Mistakes& mistakes) { return run_document(*wanted, mistakes); };
}

}  // namespace billing::cli
