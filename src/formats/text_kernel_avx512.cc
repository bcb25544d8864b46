// The text kernel for processors with AVX-512 (byte and word instructions).

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
#pragma clang attribute push(__attribute__((target("avx512bw,avx512vl,bmi,bmi2"))), \
                             apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512bw,avx512vl,bmi,bmi2")
#endif

namespace billing::avx512 {
namespace {

struct LineMasks {
  std::uint64_t spaces;
  std::uint64_t specials;
};

/// Special bytes are 0x00-0x1F and 0x7F-0xFF.
inline LineMasks scan_window(const char* window) {
  const __m512i bytes = _mm512_loadu_si512(window);
  const __m512i above_space =
      _mm512_sub_epi8(bytes, _mm512_set1_epi8(' '));  // 0x20 -> 0, 0x1F -> 0xFF
  return {_mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(' ')),
          _mm512_cmpge_epu8_mask(above_space, _mm512_set1_epi8(0x7F - 0x20))};
}

#include "formats/text_kernel.inc"

}  // namespace

const TextKernels kTextKernels = {run_kernel<kTextCursors>, run_kernel<1>};

}  // namespace billing::avx512

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
