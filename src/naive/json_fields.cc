#include "naive/json_fields.h"

#include <cstddef>
#include <utility>

#include "naive/ascii.h"

namespace billing::naive {
namespace {

/// Pieces between the separators, also empty ones.
std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces(1);
  for (const char c : text) {
    if (c == separator) {
      pieces.emplace_back();
    } else {
      pieces.back() += c;
    }
  }
  return pieces;
}

/// `~1` is `/` and `~0` is `~` in a piece of a pointer.
std::string unescaped(std::string_view piece) {
  std::string text;
  for (std::size_t i = 0; i < piece.size(); ++i) {
    const std::string_view rest = piece.substr(i);
    const bool is_slash = rest.starts_with("~1");
    const bool is_escape = is_slash || rest.starts_with("~0");
    text += is_slash ? '/' : piece[i];
    if (is_escape) ++i;
  }
  return text;
}

/// `0` or digits that do not begin with it.
const JsonValue* element_at(const JsonValue& array, std::string_view index) {
  std::string_view rest = index;
  const std::string_view digits = take_digits(rest);
  constexpr std::size_t kLongest = 15;
  if (digits.empty() || !rest.empty() || digits.size() > kLongest) return nullptr;
  if (digits.size() > 1 && digits.front() == '0') return nullptr;
  const auto place = static_cast<std::size_t>(number(digits));
  return place < array.elements.size() ? &array.elements[place] : nullptr;
}

const JsonValue* follow_pointer(const JsonValue* value, std::string_view pointer) {
  for (const std::string& piece : split(pointer.substr(1), '/')) {
    if (value->kind == JsonValue::Kind::array) {
      value = element_at(*value, piece);
    } else {
      value = value->find(unescaped(piece));
    }
    if (!value) return nullptr;
  }
  return value;
}

const JsonValue* follow_path(const JsonValue* value, std::string_view path) {
  for (const std::string& key : split(path, '.')) {
    value = value->find(key);
    if (!value) return nullptr;
  }
  return value;
}

const JsonValue* look_up(const JsonValue& record, const FieldName& name) {
  const JsonValue* const whole = record.find(name.name);
  if (whole || name.is_exact) return whole;
  if (name.name.starts_with('/')) return follow_pointer(&record, name.name);
  return follow_path(&record, name.name);
}

}  // namespace

std::optional<Flaw> JsonFields::decode(std::string_view record, std::uint32_t skipped_bytes) {
  auto parsed = parse_json(record);
  if (!parsed || parsed->kind != JsonValue::Kind::object) return Flaw{RejectReason::bad_record, 1};
  record_ = std::move(*parsed);
  skipped_bytes_ = skipped_bytes;
  return std::nullopt;
}

Value JsonFields::find(const FieldName& name) const {
  const JsonValue* const found = look_up(record_, name);
  if (!found) return {};
  const auto column = static_cast<std::uint32_t>(found->begin + 1 + skipped_bytes_);
  switch (found->kind) {
    case JsonValue::Kind::null:
      return {Value::Kind::missing, "", column};
    case JsonValue::Kind::scalar:
      return {Value::Kind::text, found->text, column};
    default:
      return {Value::Kind::composite, "", column};
  }
}

}  // namespace billing::naive
