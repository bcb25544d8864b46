#pragma once

// Names that come again and again, such as tasks: found by a look at 16 bytes, without a hash.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/name_hash.h"

namespace billing {

/// The numbers that were asked for last, in a small direct-mapped cache. One thread.
class RecentNames {
 public:
  /// The name's number. What is not here is asked of `intern(const HashedName&)`, which must always
  /// give the same one.
  template <class Intern>
  std::uint32_t number_of(std::string_view name, const Intern& intern) {
    const std::array<std::uint64_t, 2> head = head_of(name);
    Entry& entry = entries_[((head[0] ^ head[1]) * 0x9E3779B97F4A7C15) >> (64 - kBits)];
    // Names hold no zero byte: a longer one is as unlike a padded head as the empty entry is.
    if (name.size() <= kNameHeadBytes && entry.head == head) [[likely]]
      return entry.number;
    const std::uint32_t number = intern(hash_name(name, head));
    if (name.size() <= kNameHeadBytes) entry = {head, number};
    return number;
  }

 private:
  static constexpr unsigned kBits = 6;

  struct Entry {
    std::array<std::uint64_t, 2> head;
    std::uint32_t number;
  };

  std::array<Entry, std::size_t{1} << kBits> entries_{};
};

}  // namespace billing
