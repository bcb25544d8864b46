#include "naive/json_text.h"

#include <algorithm>
#include <initializer_list>

#include "naive/ascii.h"
#include "naive/escapes.h"
#include "naive/unicode.h"

namespace billing::naive {
namespace {

constexpr int kMostDepth = 64;

/// Reads from the front of what is left; each take_...() returns false at the first flaw.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), rest_(text) {}

  std::optional<JsonValue> parse() {
    JsonValue value;
    if (!take_value(value, 1)) return std::nullopt;
    skip_spaces();
    return rest_.empty() ? std::optional(std::move(value)) : std::nullopt;
  }

 private:
  void skip_spaces() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  /// The same behind spaces.
  bool take_sign(std::string_view sign) {
    skip_spaces();
    return take(sign);
  }

  bool take_value(JsonValue& value, int depth) {
    skip_spaces();
    if (rest_.empty()) return false;
    value.begin = text_.size() - rest_.size();
    const char first = rest_.front();
    if (first == '{' || first == '[') {
      if (depth > kMostDepth) return false;
      rest_.remove_prefix(1);
      return first == '{' ? take_members(value, depth) : take_elements(value, depth);
    }
    if (take("null")) return true;
    value.kind = JsonValue::Kind::scalar;
    if (first == '"') return take_string(value.text);
    for (const std::string_view word : {"true", "false"}) {
      if (!take(word)) continue;
      value.text = word;
      return true;
    }
    return take_number(value.text);
  }

  bool take_members(JsonValue& object, int depth) {
    object.kind = JsonValue::Kind::object;
    if (take_sign("}")) return true;
    do {
      skip_spaces();
      std::string& key = object.keys.emplace_back();
      if (!take_string(key) || key.find('\0') != key.npos || !take_sign(":")) return false;
      if (!take_value(object.elements.emplace_back(), depth + 1)) return false;
    } while (take_sign(","));
    return take_sign("}");
  }

  bool take_elements(JsonValue& array, int depth) {
    array.kind = JsonValue::Kind::array;
    if (take_sign("]")) return true;
    do {
      if (!take_value(array.elements.emplace_back(), depth + 1)) return false;
    } while (take_sign(","));
    return take_sign("]");
  }

  bool take_string(std::string& out) {
    if (!take("\"")) return false;
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') {
        if (!take_escape(rest_, "\"\\/bfnrt", out)) return false;
        continue;
      }
      const std::string_view before = rest_;
      const auto code = take_code_point(rest_);
      if (!code || *code < 0x20) return false;
      out += before.substr(0, before.size() - rest_.size());
    }
    return take("\"");
  }

  /// `-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?`
  bool take_number(std::string& out) {
    const std::string_view before = rest_;
    take("-");
    if (!take("0") && take_digits(rest_).empty()) return false;
    if (take(".") && take_digits(rest_).empty()) return false;
    if (take("e") || take("E")) {
      if (!take("+")) take("-");
      if (take_digits(rest_).empty()) return false;
    }
    out = before.substr(0, before.size() - rest_.size());
    return true;
  }

  std::string_view text_;
  std::string_view rest_;
};

}  // namespace

const JsonValue* JsonValue::find(std::string_view key) const {
  const auto found = std::find(keys.begin(), keys.end(), key);
  if (found == keys.end()) return nullptr;
  return &elements[static_cast<std::size_t>(found - keys.begin())];
}

std::optional<JsonValue> parse_json(std::string_view text) { return Parser(text).parse(); }

}  // namespace billing::naive
