// The block kernels for any processor.

#include "formats/block_kernel.h"

#include "base/prefetch.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>

namespace billing {
namespace {

inline std::uint32_t lowest_bit(std::uint64_t bits) {
  return static_cast<std::uint32_t>(std::countr_zero(bits | std::uint64_t{1} << 63));
}

#include "formats/block_places.inc"

inline std::uint64_t matches(const char* block, char byte) {
  std::uint64_t mask = 0;
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(byte);
  for (unsigned i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    mask |= std::uint64_t{found} << (16 * i);
  }
#else
  for (unsigned i = 0; i < kBlockBytes; ++i) mask |= std::uint64_t{block[i] == byte} << i;
#endif
  return mask;
}

inline std::uint64_t in_range(const char* block, char first, char last) {
  std::uint64_t mask = 0;
#ifdef __SSE2__
  const __m128i lowest = _mm_set1_epi8(first);
  const __m128i span = _mm_set1_epi8(static_cast<char>(last - first));
  for (unsigned i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    const __m128i above = _mm_sub_epi8(bytes, lowest);
    const __m128i is_within = _mm_cmpeq_epi8(_mm_min_epu8(above, span), above);
    mask |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(is_within))} << (16 * i);
  }
#else
  for (unsigned i = 0; i < kBlockBytes; ++i)
    mask |= std::uint64_t{block[i] >= first && block[i] <= last} << i;
#endif
  return mask;
}

inline std::uint64_t no_plain_text(const char* block) {
  std::uint64_t mask = 0;
#ifdef __SSE2__
  const __m128i last_control = _mm_set1_epi8(0x1F);
  for (unsigned i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    const __m128i is_line_feed = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n'));
    const __m128i is_control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i is_backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    const __m128i is_odd =
        _mm_or_si128(_mm_andnot_si128(is_line_feed, is_control), _mm_or_si128(is_backslash, bytes));
    mask |= std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(is_odd))} << (16 * i);
  }
#else
  for (unsigned i = 0; i < kBlockBytes; ++i) {
    const auto byte = static_cast<unsigned char>(block[i]);
    const bool is_control = byte < 0x20 && byte != '\n';
    mask |= std::uint64_t{is_control || byte == '\\' || byte >= 0x80} << i;
  }
#endif
  return mask;
}

inline std::uint64_t ends_of_values(const char* block) {
  return matches(block, ',') | matches(block, '}') | matches(block, ']');
}

inline std::uint64_t prefix_parity(std::uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

#include "formats/block_kernel.inc"
constexpr BlockKernels kPortableBlockKernels = {index_cells, index_quotes, count_quoted_lines,
                                                index_values, read_request};

}  // namespace

const BlockKernels& block_kernels([[maybe_unused]] SimdLevel level) {
#ifdef __x86_64__
  // The first processors with AVX-512 lack what moves the numbers of bits to the front.
  if (level >= SimdLevel::avx512 && __builtin_cpu_supports("avx512vbmi2"))
    return avx512::kBlockKernels;
  if (level >= SimdLevel::avx2) return avx2::kBlockKernels;
#endif
  return kPortableBlockKernels;
}

}  // namespace billing
