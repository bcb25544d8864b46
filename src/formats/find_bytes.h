#pragma once

// Searching a few dozen bytes for one of few: what lines of fields are taken apart with. The
// library's functions are made for longer ones.

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace billing {

/// The first `byte` of [at, end), or end. Bytes up to `readable_end` >= end may be touched.
inline const char* find_byte(const char* at, const char* end, const char* readable_end, char byte) {
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(byte);
  while (at < end && readable_end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    if (found != 0) {
      const char* const place = at + std::countr_zero(found);
      return place < end ? place : end;
    }
    at += 16;
  }
#else
  static_cast<void>(readable_end);
#endif
  if (at >= end) return end;
  const void* const found = std::memchr(at, byte, static_cast<std::size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

/// The first space or tab of [at, end), or end. Bytes up to `readable_end` >= end may be touched.
inline const char* find_blank(const char* at, const char* end,
                              [[maybe_unused]] const char* readable_end) {
#ifdef __SSE2__
  while (at < end && readable_end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i blanks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
                                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(blanks));
    if (found != 0) {
      const char* const place = at + std::countr_zero(found);
      return place < end ? place : end;
    }
    at += 16;
  }
#endif
  while (at < end && *at != ' ' && *at != '\t') ++at;
  return at < end ? at : end;
}

/// The first of two bytes in a text, or its size. Eight bytes at a time; a byte that is looked for
/// becomes 0 by XOR, and only where a byte is 0, or one below it is, 1 is borrowed from bit 7.
inline std::size_t find_either(std::string_view text, char one, char other) {
  constexpr std::uint64_t kEveryByte = 0x0101010101010101;
  const auto zeros = [](std::uint64_t word) { return (word - kEveryByte) & ~word; };
  const std::uint64_t ones = kEveryByte * static_cast<unsigned char>(one);
  const std::uint64_t others = kEveryByte * static_cast<unsigned char>(other);
  std::size_t at = 0;
  while (text.size() - at >= 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t found = (zeros(word ^ ones) | zeros(word ^ others)) & (kEveryByte << 7);
    if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    at += 8;
  }
  while (at < text.size() && text[at] != one && text[at] != other) ++at;
  return at;
}

/// The first place of [at, end) at which `text`, which is not empty, stands whole; or end.
inline const char* find_text(const char* at, const char* end, const char* readable_end,
                             std::string_view text) {
  while (true) {
    at = find_byte(at, end, readable_end, text[0]);
    if (static_cast<std::size_t>(end - at) < text.size()) return end;
    if (std::memcmp(at + 1, text.data() + 1, text.size() - 1) == 0) return at;
    ++at;
  }
}

/// The first quote of [at, end) that no backslash escapes, or end.
inline const char* find_open_quote(const char* at, const char* end, const char* readable_end) {
  const char* const begin = at;
  while (true) {
    at = find_byte(at, end, readable_end, '"');
    if (at == end || at == begin || at[-1] != '\\') return at;
    const char* backslash = at;
    while (backslash > begin && backslash[-1] == '\\') --backslash;
    if ((at - backslash) % 2 == 0) return at;
    ++at;
  }
}

}  // namespace billing
