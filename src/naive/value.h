#pragma once

// What a field of a record holds.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "naive/record_parser.h"

namespace billing::naive {

struct Value {
  enum class Kind : std::uint8_t {
    missing,
    text,
    composite,  ///< an object or an array: there, but nothing that can be billed
  };
  Kind kind = Kind::missing;
  std::string text = {};
  std::uint32_t column = 1;  ///< where it stands in the record, or would stand

  bool is_missing() const { return kind == Kind::missing; }
};

/// How a selector calls a field.
struct FieldName {
  std::string name;
  bool is_exact = false;  ///< in backquotes: one key, never a path

  bool operator==(const FieldName&) const = default;
};

/// One record at a time, taken apart by the rules of its family.
class FieldDecoder {
 public:
  virtual ~FieldDecoder() = default;

  /// Whether a record is about others, and is to be obeyed in the place of being decoded.
  virtual bool is_directive(std::string_view /*record*/) const { return false; }
  /// Says why it cannot be.
  virtual std::optional<Flaw> obey(std::string_view /*record*/, std::uint32_t /*skipped_bytes*/) {
    return std::nullopt;
  }

  /// Takes `record` apart, which begins `skipped_bytes` (of a byte order mark) behind the first
  /// column. Says what is wrong with its form. The text must outlive the calls of find().
  virtual std::optional<Flaw> decode(std::string_view record, std::uint32_t skipped_bytes) = 0;

  /// Of the record that was decoded last; an empty text is left for the caller to be missing.
  virtual Value find(const FieldName& name) const = 0;

  /// Whether records may have such a field at all.
  virtual bool has(const FieldName&) const { return true; }

  /// For messages: the fields there are, where these are known.
  virtual std::vector<std::string> names() const { return {}; }

  /// The unit of a field whose definition tells it, e.g. `us`; else empty.
  virtual std::string unit_of(const FieldName&) const { return {}; }
};

}  // namespace billing::naive
