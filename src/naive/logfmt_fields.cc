#include "naive/logfmt_fields.h"

#include <cstddef>

#include "naive/ascii.h"
#include "naive/escapes.h"

namespace billing::naive {
namespace {

/// Up to a space or tab, cut off `text`.
std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

/// What stands in quotes, the first of which `text` begins with; cut off with them.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() != '\\') {
      value += text.front();
      text.remove_prefix(1);
    } else if (!take_escape(text, "\"\\nrt", value)) {
      return std::nullopt;
    }
  }
  if (text.empty()) return std::nullopt;
  text.remove_prefix(1);
  const bool is_end = text.empty() || is_blank(text.front());
  return is_end ? std::optional(value) : std::nullopt;
}

}  // namespace

std::optional<Flaw> LogfmtFields::decode(std::string_view record, std::uint32_t skipped_bytes) {
  const Flaw flaw{RejectReason::bad_record, 1};
  pairs_.clear();
  if (record.find('=') == record.npos) return flaw;
  for (std::string_view rest = trimmed(record); !rest.empty(); rest = trimmed(rest)) {
    const std::string_view key = rest.substr(0, rest.find_first_of("= \t\""));
    std::uint32_t column = skipped_bytes + column_of(record, rest);
    rest.remove_prefix(key.size());
    if (key.empty() || rest.starts_with('"')) return flaw;
    std::string value = "true";
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      column = skipped_bytes + column_of(record, rest);
      if (rest.starts_with('"')) {
        const auto quoted = take_quoted(rest);
        if (!quoted) return flaw;
        value = *quoted;
      } else {
        value = take_word(rest);
        if (value.find('"') != value.npos) return flaw;
      }
    }
    pairs_.push_back({std::string(key), {Value::Kind::text, value, column}});
  }
  return std::nullopt;
}

Value LogfmtFields::find(const FieldName& name) const {
  for (const Pair& pair : pairs_) {
    if (pair.key == name.name) return pair.value;
  }
  return {};
}

}  // namespace billing::naive
