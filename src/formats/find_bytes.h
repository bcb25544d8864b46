#pragma once

// Searching a few dozen bytes for one of few: what lines of fields are taken apart with. The
// library's functions are made for longer ones.

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstddef>
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
