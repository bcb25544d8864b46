// The block kernels for processors with AVX2.

#include <immintrin.h>

#include <bit>
#include <cstring>

#include "formats/block_kernel.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#endif

namespace billing::avx2 {
namespace {

inline std::uint64_t matches(const char* block, char byte) {
  const auto* const halves = reinterpret_cast<const __m256i*>(block);
  const __m256i wanted = _mm256_set1_epi8(byte);
  const auto mask = [wanted](__m256i bytes) {
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, wanted)));
  };
  return mask(_mm256_loadu_si256(halves)) | std::uint64_t{mask(_mm256_loadu_si256(halves + 1))}
                                                << 32;
}

#include "formats/block_kernel.inc"

}  // namespace

const BlockKernels kBlockKernels = {index_cells, index_quotes, count_quoted_lines};

}  // namespace billing::avx2

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
