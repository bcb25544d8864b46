#pragma once

// A name as fixed-size numbers: its first 16 bytes and a hash. Runs once or twice for every event.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "billing/int128.h"

namespace billing {

inline constexpr std::size_t kNameHeadBytes = 16;
using NameHead = std::array<std::uint64_t, 2>;

/// `head` of a name of up to 16 bytes: the name, padded with zeros (names hold no zero byte), so
/// that equal heads mean equal names. Of a longer one: a zero byte and bits of the hash, then
/// zeros.
struct HashedName {
  std::uint64_t head[2];
  std::uint64_t hash;
};

namespace hashing {

inline constexpr std::size_t kPageBytes = 4096;

/// kMasks[n] keeps the first n bytes of 16.
inline constexpr auto kMasks = [] {
  std::array<std::array<std::uint64_t, 2>, kNameHeadBytes + 1> masks{};
  for (std::size_t bytes = 0; bytes <= kNameHeadBytes; ++bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
      masks[bytes][i / 8] |= std::uint64_t{0xFF} << (i % 8 * 8);
  }
  return masks;
}();

/// Loads 16 bytes where fewer belong to the name. Memory is readable to the end of its page.
__attribute__((no_sanitize("address", "thread"))) inline void load_head(const char* name,
                                                                        std::uint64_t head[2]) {
  __builtin_memcpy(head, name, kNameHeadBytes);
}

/// The folded product of two words: every bit of the result depends on every bit of both. The
/// mixing step of wyhash (Wang Yi).
inline std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const Uint128 product = Uint128{a} * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

/// Chosen anew in each run, so that nobody can write a log whose names all collide. No result
/// depends on it.
extern const std::array<std::uint64_t, 2> kSalt;

}  // namespace hashing

/// The name's first 16 bytes, padded with zeros.
inline NameHead head_of(std::string_view name) {
  using namespace hashing;
  NameHead head;
  const std::size_t head_bytes = std::min(name.size(), kNameHeadBytes);
  const auto in_page = reinterpret_cast<std::uintptr_t>(name.data()) % kPageBytes;
  if (head_bytes == kNameHeadBytes || in_page <= kPageBytes - kNameHeadBytes) {
    load_head(name.data(), head.data());
  } else {
    head = {};
    std::memcpy(head.data(), name.data(), head_bytes);
  }
  return {head[0] & kMasks[head_bytes][0], head[1] & kMasks[head_bytes][1]};
}

inline HashedName hash_name(std::string_view name, const NameHead& head) {
  using namespace hashing;
  HashedName hashed;
  hashed.head[0] = head[0];
  hashed.head[1] = head[1];
  hashed.hash = fold(head[0] ^ kSalt[0], head[1] ^ kSalt[1]);
  if (name.size() <= kNameHeadBytes) return hashed;
  for (std::size_t at = kNameHeadBytes; at < name.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, name.data() + at, std::min<std::size_t>(8, name.size() - at));
    hashed.hash = fold(hashed.hash ^ word, kSalt[1] ^ at);
  }
  hashed.head[0] = hashed.hash << 8;
  hashed.head[1] = 0;
  return hashed;
}

inline HashedName hash_name(std::string_view name) { return hash_name(name, head_of(name)); }

}  // namespace billing
