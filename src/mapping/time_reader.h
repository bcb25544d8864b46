#pragma once

// Instants as logs write them. docs/fields.md lists the forms.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mapping/civil_word.h"
#include "mapping/local_time.h"
#include "mapping/time_pattern.h"

namespace billing {

/// Whether a selector's text behind `:` is a kind of time: a kind's name, or a pattern (has a `%`).
bool is_time_kind(std::string_view text);

/// Immutable after construction; may be used by any number of threads.
class TimeReader {
 public:
  /// `kind`: `rfc3339`, `clf`, `unix`, `unix_ms`, `unix_us`, `unix_ns`, a pattern such as
  /// `%Y-%m-%d %H:%M:%S`, or `auto` (also as an empty text): rfc3339, clf, or a number by its size.
  /// `zone`: IANA name, for times without an offset. Throws Error(configuration) for others.
  TimeReader(std::string_view kind, const std::string& zone);

  /// Whether times of RFC 3339 are read.
  bool reads_rfc3339() const { return kind_ == Kind::rfc3339 || kind_ == Kind::any; }

  /// Nanoseconds since 1970-01-01T00:00:00Z; false for a text that is no time of the kind, and then
  /// time_ns may be anything. Reads no byte but those of the text.
  bool read(std::string_view text, std::int64_t& time_ns) const {
    switch (kind_) {
      case Kind::rfc3339:
        return civil_word::read_rfc3339(text, local_, time_ns) || read_careful(text, time_ns);
      case Kind::clf:
        return civil_word::read_clf(text, time_ns);
      case Kind::any:
        if (text.size() == kClfBytes && text[2] == '/') return civil_word::read_clf(text, time_ns);
        return civil_word::read_rfc3339(text, local_, time_ns) || read_careful(text, time_ns);
      default:
        return read_careful(text, time_ns);
    }
  }

 private:
  enum class Kind : std::uint8_t { any, rfc3339, clf, unix_s, unix_ms, unix_us, unix_ns, pattern };
  struct NamedKind;

  static constexpr std::size_t kClfBytes = 26;

  friend bool is_time_kind(std::string_view text);
  static const NamedKind* find_kind(std::string_view name);
  static Kind kind_of(std::string_view name);

  bool read_careful(std::string_view text, std::int64_t& time_ns) const;
  bool read_any_rfc3339(std::string_view text, std::int64_t& time_ns) const;
  bool read_pattern(std::string_view text, std::int64_t& time_ns) const;

  Kind kind_;
  LocalTime local_;
  std::optional<TimePattern> pattern_;
};

}  // namespace billing
