#include "render/excerpt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/escape_text.h"
#include "billing/reject.h"

namespace billing {
namespace {

constexpr std::size_t kColumns = 120;
constexpr std::size_t kColumnsBefore = 60;

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::size_t characters_in(std::string_view text) {
  return text.size() -
         static_cast<std::size_t>(std::count_if(text.begin(), text.end(), continues_character));
}

/// Up to a few bytes earlier, so that a character is not cut in two.
std::size_t character_start(std::string_view text, std::size_t at) {
  for (int back = 0; back < 3 && at > 0 && at < text.size() && continues_character(text[at]);
       ++back) {
    --at;
  }
  return at;
}

}  // namespace

void append_excerpt(std::string& out, std::string_view file, const RejectedRecord& reject) {
  const std::size_t place = std::min<std::size_t>(reject.column - 1, reject.record.size());
  const std::size_t begin =
      character_start(reject.record, place > kColumnsBefore ? place - kColumnsBefore : 0);
  const std::size_t end =
      character_start(reject.record, std::min(begin + kColumns, reject.record.size()));

  std::string before = begin > 0 ? "…" : "";
  append_escaped(before, reject.record.substr(begin, place - begin));
  std::string after;
  append_escaped(after, reject.record.substr(place, end - place));
  if (end < reject.record.size()) after += "…";

  out += "  ";
  append_escaped(out, file);
  out +=
      fmt::format(":{}:{}: {}\n    {}{}\n    {:>{}}\n", reject.line, reject.column,
                  reject_reason_name(reject.reason), before, after, '^', characters_in(before) + 1);
}

}  // namespace billing
