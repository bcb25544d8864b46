#include "cli/help_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "base/text_lines.h"

namespace billing::cli {
namespace {

constexpr std::size_t kColumns = 79;  // some terminals break a line that fills 80
constexpr std::size_t kPurposeColumn = 28;

/// `text` from `column` of a line on, broken between words.
void append_wrapped(std::string& out, std::string_view text, std::size_t column,
                    std::size_t indent) {
  while (!text.empty()) {
    const std::size_t size = std::min(text.find(' '), text.size());
    const bool first = column == indent;
    if (!first && column + 1 + size > kColumns) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, size);
    column += size;
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  out += '\n';
}

void append_row(std::string& out, const std::string& label, std::string_view purpose) {
  out += label;
  if (label.size() + 1 >= kPurposeColumn) out += '\n';
  const std::size_t column = label.size() + 1 >= kPurposeColumn ? 0 : label.size();
  out += std::string(kPurposeColumn - column, ' ');
  append_wrapped(out, purpose, kPurposeColumn, kPurposeColumn);
}

std::string label_of(const OptionRow& row) {
  const std::string shorter =
      row.short_name() == '\0' ? "    " : fmt::format("-{}, ", row.short_name());
  return fmt::format("  {}--{}{}{}", shorter, row.long_name(), row.value.empty() ? "" : " ",
                     row.value);
}

void append_examples(std::string& out, const std::vector<Example>& examples) {
  if (examples.empty()) return;
  out += "\nExamples:\n";
  for (const Example& example : examples) {
    out += fmt::format("  {}\n", example.command);
    if (example.outcome.empty()) continue;
    out += "      ";
    append_wrapped(out, example.outcome, 6, 6);
  }
}

void append_note(std::string& out, std::string_view note) {
  out += '\n';
  while (!note.empty()) {
    const std::string_view line = next_line(note);
    if (line.starts_with(' ')) {
      out.append(line).append("\n");
    } else {
      append_wrapped(out, line, 0, 0);
    }
  }
}

}  // namespace

void add_common_options(CommandOptions& options) {
  const std::string_view group =
      options.options.empty() || options.options.front().group == kPlainGroup ? kPlainGroup
                                                                              : kMessagesGroup;
  options.add({.names = "-h,--help", .purpose = "Show this help", .target = {}, .group = group});
  options.add({.names = "-V,--version",
               .purpose = "The version of the program",
               .target = {},
               .group = group});
}

std::string version_text() { return "billing " BILLING_VERSION "\n"; }

std::string purpose_of(const OptionRow& row) {
  std::string text(row.purpose);
  if (auto* const value = std::get_if<std::string*>(&row.target); value && !(*value)->empty()) {
    text += ". Default: " + **value;
  }
  return text;
}

std::vector<std::string_view> groups_of(const CommandOptions& options) {
  std::vector<std::string_view> groups;
  for (const OptionRow& row : options.options) {
    if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) {
      groups.push_back(row.group);
    }
  }
  return groups;
}

std::string usage_line(const Command& command, const CommandOptions& options) {
  std::string line = fmt::format("billing {} [OPTION...]", command.name);
  if (!options.operands) return line;
  const bool many = std::holds_alternative<std::vector<std::string>*>(options.operands->target);
  return line + (many ? fmt::format(" [{}...]", options.operands->value)
                      : fmt::format(" {}", options.operands->value));
}

std::string program_help() {
  std::string out;
  append_wrapped(out, kProgramPurpose, 0, 0);
  out += "\nUsage: billing COMMAND [OPTION...]\n\nCommands:\n";
  for (const Command& command : all_commands()) {
    if (command.purpose.empty()) continue;
    out += fmt::format("  {:<12}", command.name);
    append_wrapped(out, command.purpose, 14, 14);
  }
  out +=
      "\nA first bill:\n"
      "  billing aggregate logs.txt --output results.txt --rate login=0.005\n"
      "Which format a log has, and what is in it:\n"
      "  billing check access.log\n"
      "\nOptions of a command: billing help aggregate, or billing aggregate --help.\n"
      "Version: billing --version.\n";
  return out;
}

std::string command_help(const Command& command, const CommandOptions& options) {
  std::string out;
  append_wrapped(out, command.purpose, 0, 0);
  out += "\nUsage: " + usage_line(command, options) + "\n";
  for (const std::string_view group : groups_of(options)) {
    out += fmt::format("\n{}:\n", group);
    for (const OptionRow& row : options.options) {
      if (row.group == group) append_row(out, label_of(row), purpose_of(row));
    }
  }
  append_examples(out, options.examples);
  for (const std::string_view note : options.notes) append_note(out, note);
  return out;
}

}  // namespace billing::cli
