#pragma once

// Eight characters at a time in a 64-bit word, the first one in the lowest byte: digits are checked
// and made numbers without a loop, on any processor.

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace billing::digit_word {

static_assert(std::endian::native == std::endian::little,
              "the first character stands in the lowest byte");

inline constexpr std::uint64_t kZeros = 0x3030303030303030;
inline constexpr std::uint64_t kHighBits = 0x8080808080808080;

template <class Word>
inline Word load(const char* at) {
  Word word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// What a word may hold: each byte `lowest` up to `highest`, which is itself where it is no digit.
/// A byte XOR its lowest is 0 .. span, and with 127 - span added to it, bit 7 shows all above. A
/// byte from 128 on shows itself; it may carry into the next one, of a word that is wrong anyway.
///
///     lowest    0  0  :  0  0  :  0  0
///     highest   2  9  :  5  9  :  5  9
///     bias     7d 76 7f 7a 76 7f 7a 76
struct Shape {
  std::uint64_t lowest = 0;
  std::uint64_t bias = 0;

  consteval Shape(std::string_view lowest_text, std::string_view highest_text) {
    for (std::size_t i = 0; i < lowest_text.size(); ++i) {
      const auto low = static_cast<unsigned char>(lowest_text[i]);
      const auto high = static_cast<unsigned char>(highest_text[i]);
      lowest |= std::uint64_t{low} << (8 * i);
      bias |= static_cast<std::uint64_t>(0x7F - (low ^ high)) << (8 * i);
    }
  }
};

inline constexpr Shape kDigits("00000000", "99999999");

/// The word's digits as numbers 0..9, other characters as 0. `wrong` gets bits of kHighBits where
/// the shape is broken.
template <class Word>
inline std::uint64_t read(const char* at, const Shape& shape, std::uint64_t& wrong) {
  const std::uint64_t bytes = std::uint64_t{load<Word>(at)} ^ shape.lowest;
  wrong |= (bytes + shape.bias) | bytes;
  return bytes;
}

/// In each byte the number of two digits that begins there.
///
///     digits   2 3 _ 1 6 _ 5 0
///     pairs   23 . . 16 . . 50 .
constexpr std::uint64_t pairs(std::uint64_t digits) { return digits * 10 + (digits >> 8); }

/// One of the numbers that `pairs` gives.
constexpr std::uint32_t pair_at(std::uint64_t pairs, int byte) {
  return static_cast<std::uint32_t>(pairs >> (8 * byte) & 0xFF);
}

/// The number that eight digits are. The two products each add up two of the four pairs in their
/// upper half: 10^6 * first + 10^2 * third, and 10^4 * second + fourth.
constexpr std::uint32_t number_of(std::uint64_t digits) {
  constexpr std::uint64_t kEverySecondPair = 0x000000FF000000FF;
  const std::uint64_t two = pairs(digits);
  const std::uint64_t odd = (two & kEverySecondPair) * (1'000'000ULL << 32 | 100);
  const std::uint64_t even = (two >> 16 & kEverySecondPair) * (10'000ULL << 32 | 1);
  return static_cast<std::uint32_t>((odd + even) >> 32);
}

/// The bits of kHighBits where a byte (of a word XOR kZeros) is no digit. Exact below a byte that
/// is beyond ASCII.
constexpr std::uint64_t not_digits(std::uint64_t digits) {
  return ((digits + kDigits.bias) | digits) & kHighBits;
}

/// A text of 1 to 8 bytes, zeros behind it; reads nothing but the text.
///
///     5 bytes     a b c d           the first four
///                   b c d e         the last four, shifted to their place
inline std::uint64_t load_short(std::string_view text) {
  const char* const at = text.data();
  const std::size_t size = text.size();
  if (size == 8) return load<std::uint64_t>(at);
  if (size >= 4) {
    return load<std::uint32_t>(at) | std::uint64_t{load<std::uint32_t>(at + size - 4)}
                                         << (8 * (size - 4));
  }
  const auto byte = [at](std::size_t i) {
    return std::uint64_t{static_cast<unsigned char>(at[i])} << (8 * i);
  };
  return byte(0) | byte(size / 2) | byte(size - 1);
}

}  // namespace billing::digit_word
