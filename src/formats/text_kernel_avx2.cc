// The text kernel for processors with AVX2.

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/prefetch.h"
#include "formats/month_table.h"
#include "formats/text_kernel.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#endif

namespace billing::avx2 {
namespace {

struct LineMasks {
  std::uint64_t spaces;
  std::uint64_t specials;
};

/// Special bytes (0x00-0x1F, 0x7F-0xFF) are those that are below 0x21 as signed numbers once 1 has
/// been added: 0x7F becomes -128, and 0xFF becomes 0.
inline LineMasks scan_window(const char* window) {
  const auto* const halves = reinterpret_cast<const __m256i*>(window);
  const auto spaces = [](__m256i bytes) {
    const __m256i found = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(' '));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
  };
  const auto specials = [](__m256i bytes) {
    const __m256i found =
        _mm256_cmpgt_epi8(_mm256_set1_epi8(0x21), _mm256_add_epi8(bytes, _mm256_set1_epi8(1)));
    return static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
  };
  const __m256i low = _mm256_loadu_si256(halves);
  const __m256i high = _mm256_loadu_si256(halves + 1);
  return {spaces(low) | std::uint64_t{spaces(high)} << 32,
          specials(low) | std::uint64_t{specials(high)} << 32};
}

#include "formats/text_kernel.inc"

}  // namespace

const TextKernels kTextKernels = {run_kernel<kTextCursors>, run_kernel<1>};

}  // namespace billing::avx2

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
