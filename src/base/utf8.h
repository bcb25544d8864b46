#pragma once

// Which bytes from outside are text: valid UTF-8 as RFC 3629 has it (no overlong forms, no
// surrogates, nothing above U+10FFFF), and no control characters.

#include <cstddef>
#include <string_view>

#include "base/plain_ascii.h"

namespace billing {

/// What some editors put before a text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Bytes (1..4) of the valid UTF-8 sequence that begins at `at` < text.size(); 0 where none does.
std::size_t utf8_sequence_bytes(std::string_view text, std::size_t at);

/// Whether a valid sequence of one or two bytes is a control character: U+0000-001F, U+007F-009F.
bool is_control_sequence(std::string_view sequence);

/// Whether a text of any length is valid UTF-8 without control characters.
bool is_valid_text(std::string_view text);

/// 1-255 bytes of valid UTF-8 without control characters. A space passes: whoever separates fields
/// by it never hands one over. Called for every name of every record.
inline bool is_valid_name(std::string_view name) {
  constexpr std::size_t kLongestName = 255;
  if (name.empty() || name.size() > kLongestName) return false;
  return is_plain_ascii(name) || is_valid_text(name);
}

}  // namespace billing
