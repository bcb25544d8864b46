// The block kernels for processors with AVX-512 (byte and word instructions, and those that bring
// some bytes of a vector together, VBMI2): a block is a vector.

// GCC 12 takes what its own header leaves undefined, as it is not looked at, for a mistake.
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#ifndef __clang__
#pragma GCC diagnostic pop
#endif

#include <array>
#include <bit>
#include <cstring>

#include "base/prefetch.h"
#include "formats/block_kernel.h"

#ifdef __clang__
#pragma clang attribute push( \
    __attribute__((target("avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,pclmul"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512bw,avx512vl,avx512vbmi2,bmi,bmi2,pclmul")
#endif

namespace billing::avx512 {
namespace {

inline std::uint64_t matches(const char* block, char byte) {
  return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(block), _mm512_set1_epi8(byte));
}

inline std::uint64_t in_range(const char* block, char first, char last) {
  const __m512i above = _mm512_sub_epi8(_mm512_loadu_si512(block), _mm512_set1_epi8(first));
  return _mm512_cmple_epu8_mask(above, _mm512_set1_epi8(static_cast<char>(last - first)));
}

inline std::uint64_t no_plain_text(const char* block) {
  const __m512i bytes = _mm512_loadu_si512(block);
  const auto is = [bytes](char byte) {
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte));
  };
  // As signed numbers, bytes of no ASCII character are below all controls.
  const std::uint64_t is_below_space = _mm512_cmplt_epi8_mask(bytes, _mm512_set1_epi8(' '));
  return (is_below_space & ~is('\n')) | is('\\');
}

/// Bit 5 is all that `}` has and `]` lacks, and that a comma has and a form feed lacks.
inline std::uint64_t ends_of_values(const char* block) {
  const __m512i raised = _mm512_or_si512(_mm512_loadu_si512(block), _mm512_set1_epi8(0x20));
  return _mm512_cmpeq_epi8_mask(raised, _mm512_set1_epi8('}')) |
         _mm512_cmpeq_epi8_mask(raised, _mm512_set1_epi8(','));
}

/// A product without carries adds each bit, shifted to every place from its own on, by XOR.
inline std::uint64_t prefix_parity(std::uint64_t bits) {
  const __m128i product =
      _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

/// The places of bits, `at` being that of the lowest; returns the end of what was written. The
/// numbers of the bits are moved to the front and widened, 16 at a time:
///
///     bits       . . 1 . 1 1 . .         lowest bit first
///     places     2 4 5 0 0 0 0 0
template <std::size_t /*kAtOnce*/>
inline std::uint32_t* write_places(std::uint64_t bits, std::size_t at, std::uint32_t* to) {
  alignas(64) static constexpr auto kNumbers = [] {
    std::array<char, kBlockBytes> numbers{};
    for (std::size_t i = 0; i < kBlockBytes; ++i) numbers[i] = static_cast<char>(i);
    return numbers;
  }();
  std::uint32_t* const end = to + std::popcount(bits);
  __m512i places = _mm512_maskz_compress_epi8(bits, _mm512_load_si512(kNumbers.data()));
  const __m512i origin = _mm512_set1_epi32(static_cast<int>(at));
  do {
    const __m512i wide = _mm512_cvtepu8_epi32(_mm512_castsi512_si128(places));
    _mm512_storeu_si512(to, _mm512_add_epi32(wide, origin));
    places = _mm512_alignr_epi64(places, places, 2);
    to += 16;
  } while (to < end);
  return end;
}

#include "formats/block_kernel.inc"

}  // namespace

const BlockKernels kBlockKernels = {index_cells, index_quotes, count_quoted_lines, index_values,
                                    read_request};

}  // namespace billing::avx512

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
