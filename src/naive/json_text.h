#pragma once

// JSON by RFC 8259, each value with its place: numbers stay the text that they are.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace billing::naive {

struct JsonValue {
  enum class Kind : std::uint8_t { null, scalar, object, array };
  Kind kind = Kind::null;
  std::size_t begin = 0;                 ///< of its first byte in the text
  std::string text = {};                 ///< of a scalar: strings unescaped, all else as it stands
  std::vector<std::string> keys = {};    ///< of an object, unescaped, in their order
  std::vector<JsonValue> elements = {};  ///< of an array or, by place, of an object

  /// The first element with that key; null for what is no object or has no such key.
  const JsonValue* find(std::string_view key) const;
};

/// `text` as a whole: nothing where it is not valid, deeper than 64, not UTF-8, or has a NUL in a
/// key or half of a surrogate pair.
std::optional<JsonValue> parse_json(std::string_view text);

}  // namespace billing::naive
