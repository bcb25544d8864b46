// The block kernels for processors with AVX2.

#include <immintrin.h>

#include <bit>
#include <cstring>

#include "base/prefetch.h"
#include "formats/block_kernel.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2,pclmul"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2,pclmul")
#endif

namespace billing::avx2 {
namespace {

inline std::uint32_t lowest_bit(std::uint64_t bits) {
  return static_cast<std::uint32_t>(_tzcnt_u64(bits));
}

#include "formats/block_places.inc"

inline std::uint64_t matches(const char* block, char byte) {
  const auto* const halves = reinterpret_cast<const __m256i*>(block);
  const __m256i wanted = _mm256_set1_epi8(byte);
  const auto mask = [wanted](__m256i bytes) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, wanted)));
  };
  return mask(_mm256_loadu_si256(halves)) | std::uint64_t{mask(_mm256_loadu_si256(halves + 1))}
                                                << 32;
}

inline std::uint64_t in_range(const char* block, char first, char last) {
  const auto* const halves = reinterpret_cast<const __m256i*>(block);
  const __m256i lowest = _mm256_set1_epi8(first);
  const __m256i span = _mm256_set1_epi8(static_cast<char>(last - first));
  const auto mask = [&](__m256i bytes) {
    const __m256i above = _mm256_sub_epi8(bytes, lowest);
    const __m256i is_within = _mm256_cmpeq_epi8(_mm256_min_epu8(above, span), above);
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(is_within));
  };
  return mask(_mm256_loadu_si256(halves)) | std::uint64_t{mask(_mm256_loadu_si256(halves + 1))}
                                                << 32;
}

inline std::uint64_t no_plain_text(const char* block) {
  const auto* const halves = reinterpret_cast<const __m256i*>(block);
  const auto mask = [](__m256i bytes) {
    const __m256i is_line_feed = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\n'));
    const __m256i is_control =
        _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1F)), bytes);
    const __m256i is_backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\'));
    const __m256i is_odd = _mm256_or_si256(_mm256_andnot_si256(is_line_feed, is_control),
                                           _mm256_or_si256(is_backslash, bytes));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(is_odd));
  };
  return mask(_mm256_loadu_si256(halves)) | std::uint64_t{mask(_mm256_loadu_si256(halves + 1))}
                                                << 32;
}

/// Bit 5 is all that `}` has and `]` lacks, and that a comma has and a form feed lacks.
inline std::uint64_t ends_of_values(const char* block) {
  const auto* const halves = reinterpret_cast<const __m256i*>(block);
  const auto mask = [](__m256i bytes) {
    const __m256i raised = _mm256_or_si256(bytes, _mm256_set1_epi8(0x20));
    const __m256i found = _mm256_or_si256(_mm256_cmpeq_epi8(raised, _mm256_set1_epi8('}')),
                                          _mm256_cmpeq_epi8(raised, _mm256_set1_epi8(',')));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
  };
  return mask(_mm256_loadu_si256(halves)) | std::uint64_t{mask(_mm256_loadu_si256(halves + 1))}
                                                << 32;
}

/// A product without carries adds each bit, shifted to every place from its own on, by XOR.
inline std::uint64_t prefix_parity(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

#include "formats/block_kernel.inc"
}  // namespace

const BlockKernels kBlockKernels = {index_cells, index_quotes, count_quoted_lines, index_values,
                                    read_request};

}  // namespace billing::avx2

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
