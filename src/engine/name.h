#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/prefetch.h"
#include "billing/int128.h"

namespace billing {

/// Bytes of a name that are compared at once.
inline constexpr std::size_t kNameWindowBytes = 16;

/// The first bytes of such a window.
inline Uint128 window_mask(std::size_t bytes) {
  return bytes == 0 ? 0 : ~Uint128{0} << (kNameWindowBytes - bytes) * 8;
}

/// A name in 16 bytes: as in HashedName::head, but with a pointer to the whole of a long name in
/// place of the zeros; its length stands in the byte before, and behind it kNameWindowBytes that
/// may be read.
struct Name {
  std::uint64_t head[2];

  bool is_long() const { return (head[0] & 0xFF) == 0; }

  /// Points into this object where the name is short.
  std::string_view text() const {
    if (is_long()) {
      const char* const full = reinterpret_cast<const char*>(head[1]);
      return {full, static_cast<unsigned char>(full[-1])};
    }
    const std::uint64_t last = head[1] != 0 ? head[1] : head[0];
    const auto bytes = static_cast<std::size_t>(8 - __builtin_clzll(last) / 8);
    return {reinterpret_cast<const char*>(head), bytes + (head[1] != 0 ? 8 : 0)};
  }

  /// The bytes of the name from `begin` on, padded with zeros, as a number that orders as they do.
  Uint128 window(std::size_t begin) const {
    if (!is_long()) return begin < kNameWindowBytes ? as_number(head[0], head[1]) << begin * 8 : 0;
    const std::string_view whole = text();
    if (begin >= whole.size()) return 0;
    std::uint64_t words[2];
    std::memcpy(words, whole.data() + begin, sizeof(words));
    return as_number(words[0], words[1]) &
           window_mask(std::min(kNameWindowBytes, whole.size() - begin));
  }

  /// Asks for what a window from `begin` on looks at, and what may come behind it.
  void prefetch_text(std::size_t begin) const {
    if (!is_long()) return;
    const char* const full = reinterpret_cast<const char*>(head[1]);
    prefetch(full + begin);
    prefetch(full + begin + 2 * kNameWindowBytes);
  }

  bool operator==(const Name& other) const {
    if (head[0] != other.head[0]) return false;
    return is_long() ? text() == other.text() : head[1] == other.head[1];
  }

 private:
  static Uint128 as_number(std::uint64_t first, std::uint64_t second) {
    return Uint128{__builtin_bswap64(first)} << 64 | __builtin_bswap64(second);
  }
};

}  // namespace billing
