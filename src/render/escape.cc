#include "render/escape.h"

#include <algorithm>

namespace billing {
namespace {

constexpr std::string_view kFormulaBeginnings = "=+-@";

bool breaks_cell(char c) { return c == ',' || c == '"' || c == '\r' || c == '\n'; }

}  // namespace

void append_csv_cell(std::string& out, std::string_view text, bool csv_safe) {
  const bool looks_like_formula =
      csv_safe && !text.empty() && kFormulaBeginnings.find(text[0]) != std::string_view::npos;
  const std::string_view guard = looks_like_formula ? "'" : "";
  if (std::none_of(text.begin(), text.end(), breaks_cell)) {
    out.append(guard).append(text);
    return;
  }
  out.append("\"").append(guard);
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace billing
