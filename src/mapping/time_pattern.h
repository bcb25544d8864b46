#pragma once

// Times by a pattern such as `%d.%m.%Y %H:%M:%S`.

#include <cstdint>
#include <string_view>
#include <vector>

#include "mapping/time_scanner.h"

namespace billing {

/// Immutable after construction.
class TimePattern {
 public:
  /// Year, month and day must be in it; Error(configuration) says what is wrong with it.
  explicit TimePattern(std::string_view pattern);

  /// False where the text is not of the pattern. Days of a month are not checked.
  bool read(std::string_view text, WrittenTime& time) const;

 private:
  /// A directive by its letter; `'` a character of its own; a space for `count` or more of them.
  struct Piece {
    char directive;
    char literal = '\0';
    std::size_t count = 1;
  };
  struct HalfDay;

  static bool read_piece(const Piece& piece, TimeScanner& text, WrittenTime& time, HalfDay& half);

  std::vector<Piece> pieces_;
};

}  // namespace billing
