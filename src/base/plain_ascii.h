#pragma once

// Whether a short text is of printable ASCII characters alone, as most names are: eight bytes at a
// time, and none read but the text's own.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace billing {

namespace plain_ascii {

inline constexpr std::uint64_t kEveryByte = 0x0101010101010101;

/// A byte of a word is plain when it is 20-7E. Each sum raises the high bit of the bytes it is
/// about; where a byte is 80 or above the sums may carry over, but then the word itself tells.
///
///   byte         00-1f   20-7e   7f     80-ff
///   byte + 60     0...    1...    1...   any      high bit clear: a control character
///   byte + 01     0...    0...    1...   any      high bit set: delete
inline std::uint64_t not_plain(std::uint64_t word) {
  return (word | ~(word + 0x60 * kEveryByte) | (word + kEveryByte)) & (0x80 * kEveryByte);
}

template <class Word>
inline Word load(const char* from) {
  Word word = 0;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// 1 to 7 bytes in any order, some of them twice: only what they are matters.
inline std::uint64_t gather_short(const char* bytes, std::size_t size) {
  if (size >= 4) {
    return load<std::uint32_t>(bytes) | std::uint64_t{load<std::uint32_t>(bytes + size - 4)} << 32;
  }
  const auto byte = [bytes](std::size_t at) {
    return std::uint64_t{static_cast<std::uint8_t>(bytes[at])};
  };
  const std::uint64_t three = byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16;
  return three | (0x20 * kEveryByte) << 24;
}

}  // namespace plain_ascii

/// `text` is not empty.
inline bool is_plain_ascii(std::string_view text) {
  using namespace plain_ascii;
  const char* const bytes = text.data();
  if (text.size() < 8) return not_plain(gather_short(bytes, text.size())) == 0;
  // The last eight bytes may overlap those before.
  std::uint64_t found = not_plain(load<std::uint64_t>(bytes + text.size() - 8));
  for (std::size_t at = 0; at + 8 < text.size(); at += 8)
    found |= not_plain(load<std::uint64_t>(bytes + at));
  return found == 0;
}

}  // namespace billing
