#include "cli/completions.h"

#include <fmt/format.h>

#include <cctype>
#include <string_view>
#include <variant>

namespace billing::cli {
namespace {

/// Time zones as the system lists them.
constexpr std::string_view kListZones =
    "awk '!/^#/ { print $3 }' /usr/share/zoneinfo/zone1970.tab 2>/dev/null; echo UTC";

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text.append(text.empty() ? "" : " ").append(word);
  return text;
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// One word of a shell. A quote ends what is quoted, stands by itself, and begins it again.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// What fits beside an option. A sentence ends where the next begins with a capital.
std::string_view first_sentence(std::string_view purpose) {
  std::size_t end = 0;
  do {
    end = purpose.find(". ", end + 1);
  } while (end != std::string_view::npos && std::islower(purpose[end + 2]) != 0);
  return purpose.substr(0, end);
}

std::vector<std::string> names_of(const OptionRow& row) {
  std::vector<std::string> names = {"--" + std::string(row.long_name())};
  if (row.short_name() != '\0') names.insert(names.begin(), {'-', row.short_name()});
  return names;
}

std::vector<std::string_view> operand_choices(const DocumentedCommand& one) {
  return one.options.operands ? one.options.operands->choices : std::vector<std::string_view>();
}

// --- bash

std::string bash_values(const OptionRow& row) {
  if (!row.choices.empty()) {
    return fmt::format("compgen -W {} -- \"$word\"", quoted(joined(row.choices)));
  }
  switch (row.completes) {
    case Completion::none:
      return "";
    case Completion::file:
      return "compgen -f -- \"$word\"";
    case Completion::folder:
      return "compgen -d -- \"$word\"";
    case Completion::time_zone:
      return fmt::format("compgen -W \"$({})\" -- \"$word\"", kListZones);
  }
  __builtin_unreachable();
}

/// A command's case: the value of the option before the word, else the names of all options.
std::string bash_command(const DocumentedCommand& one) {
  std::string values;
  std::string all_names;
  for (const OptionRow& row : one.options.options) {
    std::string pattern;
    for (const std::string& name : names_of(row)) {
      pattern += (pattern.empty() ? "" : "|") + name;
      all_names += (all_names.empty() ? "" : " ") + name;
    }
    if (row.value.empty()) continue;
    values += fmt::format("        {}) {}; return ;;\n", pattern,
                          bash_values(row).empty() ? ":" : bash_values(row));
  }
  const std::string operands = joined(operand_choices(one));
  return fmt::format("    {})\n      case $previous in\n{}      esac\n      options='{}'{} ;;\n",
                     one.command->name, values, all_names,
                     operands.empty() ? "" : " operands='" + operands + "'");
}

// --- zsh

std::string zsh_value(const OptionRow& row) {
  if (row.value.empty()) return "";
  const std::string value = ":" + escaped(row.value, ":") + ":";
  if (!row.choices.empty()) return value + "(" + escaped(joined(row.choices), ":()<>|") + ")";
  switch (row.completes) {
    case Completion::none:
      return value + " ";
    case Completion::file:
      return value + "_files";
    case Completion::folder:
      return value + "_files -/";
    case Completion::time_zone:
      return value + "_time_zone";
  }
  __builtin_unreachable();
}

/// A line for each name: the names of one option exclude each other, unless it may be repeated.
std::string zsh_option(const OptionRow& row) {
  const bool repeats = std::holds_alternative<std::vector<std::string>*>(row.target);
  const std::vector<std::string> names = names_of(row);
  std::string lines;
  for (const std::string& name : names) {
    const std::string others = names.size() == 1 ? "" : "(" + names[0] + " " + names[1] + ")";
    const char* const joint = row.value.empty() ? "" : name.size() == 2 ? "+" : "=";
    const std::string text =
        fmt::format("{}{}{}[{}]{}", repeats ? "*" : others, name, joint,
                    escaped(first_sentence(row.purpose), "[]:\\"), zsh_value(row));
    lines += "        " + quoted(text) + " \\\n";
  }
  return lines;
}

// --- fish

std::string fish_values(const OptionRow& row) {
  if (row.value.empty()) return "";
  if (!row.choices.empty()) return " -x -a " + quoted(joined(row.choices));
  switch (row.completes) {
    case Completion::none:
      return " -x";
    case Completion::file:
      return " -r -F";
    case Completion::folder:
      return " -x -a '(__fish_complete_directories)'";
    case Completion::time_zone:
      return " -x -a " + quoted(fmt::format("({})", kListZones));
  }
  __builtin_unreachable();
}

std::string fish_option(std::string_view command, const OptionRow& row) {
  return fmt::format("complete -c billing -n '__fish_seen_subcommand_from {}'{} -l {} -d {}{}\n",
                     command,
                     row.short_name() == '\0' ? "" : fmt::format(" -s {}", row.short_name()),
                     row.long_name(), quoted(first_sentence(row.purpose)), fish_values(row));
}

std::vector<std::string_view> command_names(const std::vector<DocumentedCommand>& commands) {
  std::vector<std::string_view> names;
  names.reserve(commands.size());
  for (const DocumentedCommand& one : commands) names.push_back(one.command->name);
  return names;
}

}  // namespace

std::string bash_completion(const std::vector<DocumentedCommand>& commands) {
  std::string cases;
  for (const DocumentedCommand& one : commands) cases += bash_command(one);
  const std::string names = joined(command_names(commands));
  return "# bash completion of billing\n"
         "_billing_words() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} options= "
         "operands=\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    compgen -W '" +
         names +
         " help --help --version' -- \"$word\"\n"
         "    return\n"
         "  fi\n"
         "  case ${COMP_WORDS[1]} in\n"
         "    help) compgen -W '" +
         names + "' -- \"$word\"; return ;;\n" + cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    compgen -W \"$options\" -- \"$word\"\n"
         "  elif [[ $operands ]]; then\n"
         "    compgen -W \"$operands\" -- \"$word\"\n"
         "  else\n"
         "    compgen -f -- \"$word\"\n"
         "  fi\n"
         "}\n"
         "_billing() {\n"
         "  mapfile -t COMPREPLY < <(_billing_words)\n"
         "}\n"
         "complete -o filenames -F _billing billing\n";
}

std::string zsh_completion(const std::vector<DocumentedCommand>& commands) {
  std::string list;
  std::string cases;
  for (const DocumentedCommand& one : commands) {
    list += "    " +
            quoted(escaped(one.command->name, ":") + ":" + std::string(one.command->purpose)) +
            "\n";
    cases += fmt::format("    {})\n      _arguments -s \\\n", one.command->name);
    for (const OptionRow& row : one.options.options) cases += zsh_option(row);
    const std::string operands = joined(operand_choices(one));
    cases += !operands.empty()      ? "        '*:name:(" + operands + ")' ;;\n"
             : one.options.operands ? "        '*:file:_files' ;;\n"
                                    : "        && return 0 ;;\n";
  }
  return "#compdef billing\n"
         "_billing() {\n"
         "  local -a commands=(\n" +
         list +
         "    'help:Show help for a command'\n  )\n"
         "  if ((CURRENT == 2)); then\n"
         "    _describe command commands\n"
         "    return\n"
         "  fi\n"
         "  local command=$words[2]\n"
         "  shift words\n"
         "  ((CURRENT--))\n"
         "  case $command in\n"
         "    help) _describe command commands ;;\n" +
         cases +
         "  esac\n"
         "}\n"
         "_billing \"$@\"\n";
}

std::string fish_completion(const std::vector<DocumentedCommand>& commands) {
  std::string out = "# fish completion of billing\n";
  const std::string names = joined(command_names(commands));
  const std::string first = "complete -c billing -f -n '__fish_use_subcommand'";
  for (const DocumentedCommand& one : commands) {
    out += fmt::format("{} -a {} -d {}\n", first, one.command->name, quoted(one.command->purpose));
  }
  out += first + " -a help -d 'Show help for a command'\n";
  out += "complete -c billing -f -n '__fish_seen_subcommand_from help' -a " + quoted(names) + "\n";
  for (const DocumentedCommand& one : commands) {
    for (const OptionRow& row : one.options.options) {
      out += fish_option(one.command->name, row);
    }
    const std::string operands = joined(operand_choices(one));
    if (operands.empty()) continue;
    out += fmt::format("complete -c billing -f -n '__fish_seen_subcommand_from {}' -a {}\n",
                       one.command->name, quoted(operands));
  }
  return out;
}

}  // namespace billing::cli
