#pragma once

// What a format finds of a record: the bytes of a field, and where they stand.

#include <cstdint>
#include <string>
#include <string_view>

namespace billing {

/// One field of one record. The view is valid until the batch that its event joins is handed on.
struct Field {
  /// So wide that a field has no padding: copying that would cost more than the byte.
  enum class Kind : std::uint32_t {
    missing,    ///< absent, null, or empty
    text,       ///< at least one byte
    composite,  ///< an object or a list: present, but nothing that an event is made of
  };

  std::string_view text = {};
  std::uint32_t at = 0;  ///< 0-based byte of the record at which it stands; 0 where it is absent
  Kind kind = Kind::missing;

  bool is_missing() const { return kind == Kind::missing; }

  /// Bytes of which none are a missing field.
  static Field of(std::string_view text, std::uint32_t at) {
    return {text, at, text.empty() ? Kind::missing : Kind::text};
  }

  /// Becomes Field::of() the same, member by member: a processor waits where it reads a field that
  /// was just copied as a whole.
  void set(std::string_view text_now, std::uint32_t at_now) {
    text = text_now;
    at = at_now;
    kind = text_now.empty() ? Kind::missing : Kind::text;
  }
};

/// A field that a mapping asks for.
struct FieldName {
  std::string name;
  bool is_verbatim = false;  ///< stood in backquotes: no path, whatever is in it

  bool operator==(const FieldName&) const = default;
};

}  // namespace billing
