#pragma once

// Records of JSON Lines mostly look alike: the same keys in the same order, written by the same
// program. What stands between their values is learnt from one of them and compared with the next;
// a record that has the same between its values is as valid as the first, and its fields stand
// where those of the first did.
//
//     {"time":"2025-05-02T23:16:50Z","status":200,"user":"ann"}
//     |literal|       value        | literal  |val| literal |v|literal
//
// Nothing is foreseen: a value that is a string here and null there, a key more or less, an escape,
// a byte of no ASCII character, and the record is walked token by token (json_format.cc).

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/line_scanner.h"
#include "formats/string_index.h"
#include "mapping/field.h"

namespace billing {

/// Of one record.
class JsonShape {
 public:
  /// `tokens` are those of a valid object on `line`, as TokenIndex has them, counted from the
  /// line's first byte; `fields` are what was found in it. False where it is no model for others,
  /// as it has too many values or lists that are asked for.
  bool learn(const Line& line, const std::uint32_t* tokens, const std::uint32_t* tokens_end,
             const std::vector<Field>& fields);

  /// Whether the line is of this shape, whose fields are then filled in. The line is plain: see
  /// StringIndex.
  bool match(const Line& line, const StringIndex& strings, Field* fields) const;

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  static constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

  /// What stands before a value, and the value.
  struct Segment {
    std::uint32_t first_word;  ///< of the literal
    std::uint32_t words;
    std::uint32_t bytes;
    std::uint32_t field;      ///< that takes the value, or kNone
    std::uint64_t last_mask;  ///< which bytes of the last word count
    bool is_string;           ///< the literal ends with its opening quote
  };

  bool add_segment(std::string_view literal, std::uint32_t field, bool is_string);
  bool stands(const Segment& segment, const char* at) const;

  std::vector<std::uint64_t> words_;   ///< of all literals, each from a word's beginning on
  std::vector<Segment> segments_;      ///< the last one has no value
  std::vector<std::uint32_t> absent_;  ///< fields that the record has not got
};

/// The shapes that the records of an input have. Not for several threads at once.
class JsonShapes {
 public:
  bool match(const Line& line, const StringIndex& strings, Field* fields) {
    for (std::size_t i = 0; i < count_; ++i) {
      if (!shapes_[latest_].match(line, strings, fields)) {
        latest_ = latest_ + 1 < count_ ? latest_ + 1 : 0;
        continue;
      }
      return true;
    }
    return false;
  }

  /// See JsonShape::learn(). The shape that was learnt first is forgotten for it.
  void learn(const Line& line, const std::uint32_t* tokens, const std::uint32_t* tokens_end,
             const std::vector<Field>& fields) {
    if (!shapes_[next_].learn(line, tokens, tokens_end, fields)) return;
    latest_ = next_;
    count_ = std::max(count_, next_ + 1);
    next_ = (next_ + 1) % shapes_.size();
  }

 private:
  std::array<JsonShape, 4> shapes_;
  std::size_t count_ = 0;
  std::size_t latest_ = 0;  ///< the one that fitted last
  std::size_t next_ = 0;    ///< to be learnt
};

}  // namespace billing
