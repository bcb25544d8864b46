#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace billing {
namespace {

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::uint64_t kEveryByte = 0x0101010101010101;

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

/// A byte of a word is plain when it is 20-7E. Each sum raises the high bit of the bytes it is
/// about; where a byte is 80 or above the sums may carry over, but then the word itself tells.
///
///   byte         00-1f   20-7e   7f     80-ff
///   byte + 60     0...    1...    1...   any      high bit clear: a control character
///   byte + 01     0...    0...    1...   any      high bit set: delete
bool all_plain(std::uint64_t word) {
  const std::uint64_t bad = word | ~(word + 0x60 * kEveryByte) | (word + kEveryByte);
  return (bad & (0x80 * kEveryByte)) == 0;
}

std::uint64_t load_word(const char* from) {
  std::uint64_t word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

std::uint32_t load_half(const char* from) {
  std::uint32_t half = 0;
  std::memcpy(&half, from, sizeof half);
  return half;
}

/// 1 to 7 bytes in any order, some of them twice: only what they are matters.
std::uint64_t gather_short(const char* bytes, std::size_t size) {
  if (size >= 4) {
    return load_half(bytes) | std::uint64_t{load_half(bytes + size - 4)} << 32;
  }
  const auto byte = [bytes](std::size_t at) {
    return std::uint64_t{static_cast<std::uint8_t>(bytes[at])};
  };
  const std::uint64_t three = byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
  return three | (0x20 * kEveryByte) << 24;
}

bool is_plain_ascii(std::string_view text) {
  if (text.size() < 8) return all_plain(gather_short(text.data(), text.size()));
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    if (!all_plain(load_word(text.data() + at))) return false;
  }
  return all_plain(load_word(text.data() + text.size() - 8));
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

bool is_valid_name(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes) return false;
  return is_plain_ascii(name) || is_valid_text(name);
}

}  // namespace billing
