#include "base/utf8.h"

#include <cstdint>

namespace billing {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

bool has_continuations(std::string_view text, std::size_t begin, std::size_t end) {
  if (end > text.size()) return false;
  for (std::size_t at = begin; at < end; ++at) {
    if ((byte_at(text, at) & 0xc0) != 0x80) return false;
  }
  return true;
}

/// After some first bytes, the second byte's range is narrower than 80-BF:
///
///   E0  A0-BF   else overlong            F0  90-BF   else overlong
///   ED  80-9F   else a surrogate         F4  80-8F   else above U+10FFFF
bool is_second_byte_in_range(std::uint8_t first, std::uint8_t second) {
  switch (first) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}

}  // namespace

std::size_t utf8_sequence_bytes(std::string_view text, std::size_t at) {
  const std::uint8_t first = byte_at(text, at);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const std::size_t size = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (!has_continuations(text, at + 1, at + size)) return 0;
  return is_second_byte_in_range(first, byte_at(text, at + 1)) ? size : 0;
}

bool is_control_sequence(std::string_view sequence) {
  const std::uint8_t first = byte_at(sequence, 0);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7f;
  return first == 0xc2 && byte_at(sequence, 1) < 0xa0;
}

bool is_valid_text(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = utf8_sequence_bytes(text, at);
    if (size == 0 || is_control_sequence(text.substr(at, size))) return false;
    at += size;
  }
  return true;
}

}  // namespace billing
