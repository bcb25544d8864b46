#include "formats/record_count.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "base/prefetch.h"

namespace billing {
namespace {

constexpr std::size_t kVectorBytes = 32;
using Vector [[gnu::vector_size(kVectorBytes)]] = unsigned char;

/// Comparing gives -1 in each byte that is wanted, such as a line end, so subtracting counts them:
/// each byte of a count counts those in its own column, and can do so 255 times.
///
///     bytes      . . \n .  |  . . . \n  |  . \n . .
///     column     0 0 1  0     0 0 1  1     0 1  1 1
[[gnu::always_inline]] inline std::uint64_t count_between(const char* at, const char* end,
                                                          char byte) {
  constexpr std::size_t kVectors = 4;
  constexpr std::ptrdiff_t kStepBytes = kVectors * kVectorBytes;
  constexpr std::size_t kPrefetchBytes = 2048;
  const Vector wanted = Vector{} + static_cast<unsigned char>(byte);
  std::uint64_t found = 0;
  while (end - at >= kStepBytes) {
    const std::ptrdiff_t steps = std::min<std::ptrdiff_t>((end - at) / kStepBytes, 255);
    std::array<Vector, kVectors> counts{};
    for (const char* const stop = at + steps * kStepBytes; at != stop; at += kStepBytes) {
      prefetch(at + kPrefetchBytes);
      prefetch(at + kPrefetchBytes + 64);
      for (std::size_t i = 0; i < kVectors; ++i) {
        Vector bytes;
        std::memcpy(&bytes, at + i * kVectorBytes, kVectorBytes);
        counts[i] -= reinterpret_cast<Vector>(bytes == wanted);
      }
    }
    for (const Vector& count : counts) {
      for (std::size_t i = 0; i < kVectorBytes; ++i) found += count[i];
    }
  }
  return found + static_cast<std::uint64_t>(std::count(at, end, byte));
}

std::uint64_t count_on_any(const char* at, const char* end, char byte) {
  return count_between(at, end, byte);
}

#ifdef __x86_64__
[[gnu::target("avx2")]] std::uint64_t count_by_avx2(const char* at, const char* end, char byte) {
  return count_between(at, end, byte);
}
#endif

}  // namespace

std::uint64_t count_byte(std::string_view bytes, char byte, [[maybe_unused]] SimdLevel simd) {
  auto count = count_on_any;
#ifdef __x86_64__
  if (simd >= SimdLevel::avx2) count = count_by_avx2;
#endif
  return count(bytes.data(), bytes.data() + bytes.size(), byte);
}

std::uint64_t count_lines(std::string_view bytes, SimdLevel simd) {
  if (bytes.empty()) return 0;
  const std::uint64_t open_record = bytes.back() == '\n' ? 0 : 1;
  return count_byte(bytes, '\n', simd) + open_record;
}

}  // namespace billing
