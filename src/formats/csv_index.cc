#include "formats/csv_index.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <bit>
#include <cstring>

namespace billing {
namespace {

constexpr std::size_t kBlockBytes = 64;

/// The bytes of a block that equal `byte`, the first in the lowest bit.
std::uint64_t matches(const char* block, char byte) {
#ifdef __SSE2__
  const __m128i wanted = _mm_set1_epi8(byte);
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, wanted)));
    mask |= std::uint64_t{found} << (16 * i);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (unsigned i = 0; i < kBlockBytes; ++i) mask |= std::uint64_t{block[i] == byte} << i;
  return mask;
#endif
}

/// Bit i of the result is the parity of bits 0..i: 1 from an opening quote up to its closing one.
///
///     bytes    a , " b , c " , d
///     quotes   . . 1 . . . 1 . .
///     inside   . . 1 1 1 1 . . .
std::uint64_t prefix_parity(std::uint64_t bits) {
  for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

}  // namespace

void CsvIndex::scan(const char* data, std::size_t size, std::size_t readable_bytes, char separator,
                    bool has_quotes) {
  // Room for every byte, so that nobody has to ask for more.
  if (cell_ends_.size() < size) {
    cell_ends_.resize(size);
    record_ends_.resize(size);
  }
  odd_blocks_.clear();
  std::size_t cell_count = 0;
  std::size_t record_count = 0;
  std::uint64_t is_inside = 0;        // all bits: the block begins inside of quotes
  std::uint64_t is_behind_end = 1;    // the byte before the block ends a cell
  std::uint64_t is_behind_close = 0;  // the byte before the block is a closing quote
  char tail[kBlockBytes];
  for (std::size_t at = 0; at < size; at += kBlockBytes) {
    const char* block = data + at;
    std::uint64_t valid = ~std::uint64_t{0};
    if (size - at < kBlockBytes) {
      valid >>= kBlockBytes - (size - at);
      if (readable_bytes - at < kBlockBytes) {
        std::memset(tail, 0, kBlockBytes);
        std::memcpy(tail, block, size - at);
        block = tail;
      }
    }
    const std::uint64_t newlines = matches(block, '\n') & valid;
    std::uint64_t ends = (matches(block, separator) & valid) | newlines;
    const std::uint64_t quotes = has_quotes ? matches(block, '"') & valid : 0;
    if ((quotes | is_inside | is_behind_close) != 0) {
      const std::uint64_t inside = prefix_parity(quotes) ^ is_inside;
      const std::uint64_t opening = quotes & inside;
      const std::uint64_t closing = quotes & ~inside;
      ends &= ~inside;
      // An opening quote stands behind a cell's end or, doubled, behind a closing one; behind a
      // closing quote a cell ends, or it was doubled.
      const std::uint64_t behind_end = ends << 1 | is_behind_end;
      const std::uint64_t behind_close = closing << 1 | is_behind_close;
      const std::uint64_t odd =
          ((opening & ~(behind_end | behind_close)) | (behind_close & ~(ends | opening))) & valid;
      if (odd != 0) odd_blocks_.push_back(static_cast<std::uint32_t>(at / kBlockBytes));
      is_inside = (inside >> 63) != 0 ? ~std::uint64_t{0} : 0;
      is_behind_close = closing >> 63;
    }
    is_behind_end = ends >> 63;
    std::uint64_t record_bits = newlines & ends;
    while (record_bits != 0) {
      const std::uint64_t upto = record_bits ^ (record_bits - 1);
      record_ends_[record_count++] = static_cast<std::uint32_t>(cell_count) +
                                     static_cast<std::uint32_t>(std::popcount(ends & upto)) - 1;
      record_bits &= record_bits - 1;
    }
    for (std::uint64_t bits = ends; bits != 0; bits &= bits - 1) {
      cell_ends_[cell_count++] =
          static_cast<std::uint32_t>(at) + static_cast<std::uint32_t>(std::countr_zero(bits));
    }
  }
  cell_count_ = cell_count;
  record_count_ = record_count;
}

}  // namespace billing
