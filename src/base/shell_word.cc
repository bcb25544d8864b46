#include "base/shell_word.h"

#include <algorithm>

#include "base/escape_text.h"

namespace billing {
namespace {

/// Whether the shell takes the character as it is, wherever it stands.
bool is_plain(char c) {
  constexpr std::string_view kPlain = "_./-+,:@%";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kPlain.find(c) != std::string_view::npos;
}

std::string replace_each(std::string_view text, char wanted, std::string_view by) {
  std::string out;
  for (const char c : text) {
    if (c == wanted) {
      out += by;
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string shell_word(std::string_view name) {
  // A name that begins like an option is none behind a folder.
  std::string path = (name.starts_with('-') ? "./" : "") + std::string(name);
  if (!path.empty() && std::all_of(path.begin(), path.end(), is_plain)) return path;
  std::string escaped;
  append_escaped(escaped, path);
  if (replace_each(path, '\\', "\\\\") == escaped)
    return "'" + replace_each(path, '\'', "'\\''") + "'";
  return "$'" + replace_each(escaped, '\'', "\\'") + "'";
}

}  // namespace billing
