// The text kernel for every x86-64 processor.

#include <emmintrin.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "base/timestamp.h"
#include "formats/text_kernel.h"

namespace billing::sse2 {
namespace {

struct LineMasks {
  std::uint64_t spaces;
  std::uint64_t specials;
};

/// The index of the lowest bit; 64 where there is none.
inline std::size_t lowest_bit(std::uint64_t bits) {
  return bits == 0 ? 64 : static_cast<std::size_t>(__builtin_ctzll(bits));
}

/// Special bytes (0x00-0x1F, 0x7F-0xFF) are those that are below 0x21 as signed numbers once 1 has
/// been added: 0x7F becomes -128, and 0xFF becomes 0.
inline LineMasks scan_window(const char* window) {
  LineMasks masks{0, 0};
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(window) + part);
    const __m128i space = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '));
    const __m128i special =
        _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(1)), _mm_set1_epi8(0x21));
    const auto bits = [](__m128i m) {
      return std::uint64_t{static_cast<unsigned>(_mm_movemask_epi8(m))};
    };
    masks.spaces |= bits(space) << (16 * part);
    masks.specials |= bits(special) << (16 * part);
  }
  return masks;
}

#include "formats/text_kernel.inc"

}  // namespace

const TextKernels kTextKernels = {run_kernel<kTextCursors>, run_kernel<1>};

}  // namespace billing::sse2
