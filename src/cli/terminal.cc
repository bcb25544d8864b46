#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "render/excerpt.h"

namespace billing::cli {

std::optional<std::size_t> message_columns() {
  constexpr std::size_t kUsual = 80;
  if (isatty(STDERR_FILENO) == 0) return std::nullopt;
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : kUsual;
}

std::size_t record_columns() {
  constexpr std::size_t kIndent = 4;
  constexpr std::size_t kLeast = 20;
  const std::optional<std::size_t> columns = message_columns();
  if (!columns) return kExcerptColumns;
  return std::clamp(*columns, kLeast + kIndent, kExcerptColumns + kIndent) - kIndent;
}

}  // namespace billing::cli
