#include "cli/help_format.h"

#include <sstream>

namespace billing::cli {
namespace {

constexpr std::size_t kTerminalColumns = 100;

}  // namespace

std::string HelpFormat::make_option_desc(const CLI::Option* option) const {
  const std::size_t columns = kTerminalColumns - get_column_width();
  std::istringstream words(CLI::Formatter::make_option_desc(option));
  std::string text;
  std::size_t line_columns = 0;
  for (std::string word; words >> word;) {
    const bool fits = line_columns + 1 + word.size() <= columns;
    if (!text.empty()) text += fits ? ' ' : '\n';
    line_columns = fits && !text.empty() ? line_columns + 1 + word.size() : word.size();
    text += word;
  }
  return text;
}

}  // namespace billing::cli
