#pragma once

// What a command takes, as rows. Everything that knows the options is made of them: the parser
// (parse_words.h), the help, the manual page and the completions of shells.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace billing {

/// Where an option's text goes. A flag becomes true; a string target holds the default beforehand;
/// only lists and flags may be given more than once. Targets must outlive parsing. monostate: the
/// parser answers the option itself.
using Target = std::variant<std::monostate, bool*, std::string*, std::optional<std::string>*,
                            std::vector<std::string>*>;

/// The only group of commands whose options are too few to be grouped.
inline constexpr std::string_view kPlainGroup = "Options";
inline constexpr std::string_view kMessagesGroup = "Messages";

/// What a shell offers as a value.
enum class Completion { none, file, folder, time_zone };

struct OptionRow {
  std::string_view names;       ///< `--group-by`, or `-g,--group-by`
  std::string_view value = {};  ///< what stands for its value in help: `PARTS`; empty: a flag
  std::string_view purpose;     ///< for help; names the default where no string target holds it
  Target target;
  std::string_view group = kPlainGroup;
  Completion completes = Completion::none;
  std::vector<std::string_view> choices = {};  ///< its values, where they are a fixed set

  char short_name() const { return names.starts_with("--") ? '\0' : names[1]; }
  std::string_view long_name() const { return names.substr(names.find("--") + 2); }
};

/// The words of a command line that belong to no option.
struct OperandRow {
  std::string_view value;                      ///< `FILE`
  Target target;                               ///< a list takes any number, a string one
  std::vector<std::string_view> choices = {};  ///< the words there are, where they are no files
};

struct Example {
  std::string_view command;
  std::string_view outcome = {};
};

struct CommandOptions {
  std::vector<OptionRow> options;
  std::optional<OperandRow> operands;
  /// Paragraphs below the options; a line that begins with a space stands as it is.
  std::vector<std::string_view> notes = {};
  std::vector<Example> examples = {};

  void add(OptionRow row) { options.push_back(std::move(row)); }
};

}  // namespace billing
