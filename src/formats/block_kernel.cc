// The block kernels for any processor.

#include "formats/block_kernel.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>

namespace billing {
namespace {

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

#include "formats/block_kernel.inc"

constexpr BlockKernels kPortableBlockKernels = {index_cells, index_quotes, count_quoted_lines};

}  // namespace

const BlockKernels& block_kernels([[maybe_unused]] SimdLevel level) {
#ifdef __x86_64__
  if (level >= SimdLevel::avx2) return avx2::kBlockKernels;
#endif
  return kPortableBlockKernels;
}

}  // namespace billing
