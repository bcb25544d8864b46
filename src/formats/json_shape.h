#pragma once

// Records of JSON Lines mostly look alike: the same keys in the same order, written by the same
// program. What stands between their values is learnt from one of them and compared with the next;
// a record that has the same between its values is as valid as the first, and its fields stand
// where those of the first did.
//
//     {"time":"2025-05-02T23:16:50Z","status":200,"user":"ann"}
//     | literal|       value       | literal  |val| literal|v| literal
//                                   ^            ^           ^   ends, see ValueIndex
//
// A literal is found by the first end that stands in it, whatever the values before it were: so
// nothing has to wait for the value before to be read. That the places are right is seen by the
// bytes there; that no value holds a quote, by the number of quotes in the line. As no end stands
// within a value, the one behind those of all literals must be the line's.
//
// Nothing is foreseen: a value that is a string here and null there, a key more or less, an escape,
// a byte of no ASCII character, and the record is walked token by token (json_format.cc).

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "formats/line_scanner.h"
#include "mapping/field.h"

namespace billing {

/// Of one record.
class JsonShape {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;
  /// Literals are compared in so many bytes at once, of which a mask says which count.
  static constexpr std::size_t kPartBytes = 32;
  static constexpr std::size_t kMaxLiteralBytes = 3 * kPartBytes;

  struct Part {
    std::array<char, kPartBytes> bytes;
    std::array<char, kPartBytes> mask;
  };

  /// What stands before a value, and the value. The first begins with the line; the last one has no
  /// value.
  struct Segment {
    Part front;                ///< of the literal
    std::uint32_t bytes;       ///< of the literal
    std::uint32_t end;         ///< the first of the line's ends that stands in it
    std::uint32_t back_bytes;  ///< of it before that
    std::uint32_t field;       ///< that takes the value, or kNone
    std::uint32_t more_parts;  ///< of the literal, behind its front
    bool is_string;            ///< the literal ends with the value's opening quote
  };

  /// `tokens` are those of a valid object on `line`, as TokenIndex has them, counted from the
  /// line's first byte; `fields` are what was found in it. The line holds plain text alone: see
  /// ValueIndex. False where it is no model for others, as it has too many values, a key that is
  /// too long, or lists that are asked for.
  bool learn(const Line& line, const std::uint32_t* tokens, const std::uint32_t* tokens_end,
             const std::vector<Field>& fields);

  const std::vector<Segment>& segments() const { return segments_; }
  /// The parts of all literals behind their fronts, in order.
  const Part* more_parts() const { return more_parts_.data(); }
  /// Fields that the record has not got.
  const std::vector<std::uint32_t>& absent() const { return absent_; }
  std::uint32_t end_count() const { return end_count_; }
  std::uint32_t quotes() const { return quotes_; }

 private:
  bool add_segment(const char* begin, const char* end, const char* first_end, std::uint32_t field,
                   bool is_string);

  std::vector<Part> more_parts_;
  std::vector<Segment> segments_;
  std::vector<std::uint32_t> absent_;
  std::uint32_t end_count_ = 0;
  std::uint32_t next_end_ = 0;  ///< the first behind those of all segments
  std::uint32_t quotes_ = 0;
};

/// The shapes that the records of an input have. Not for several threads at once.
class JsonShapes {
 public:
  std::size_t count() const { return count_; }
  /// To be tried first: the one that fitted last; of which there is none where the count is 0.
  const JsonShape& at_hand() const { return shapes_[latest_]; }
  /// It did not fit: the next one is at hand, after the last the first.
  void try_next() { latest_ = latest_ + 1 < count_ ? latest_ + 1 : 0; }

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
