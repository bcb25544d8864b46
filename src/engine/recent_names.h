#pragma once

// Names that come again and again, such as tasks: found by a look at 16 bytes, without a hash.

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

#include "engine/name_hash.h"

namespace billing {

/// The numbers that were asked for last, in a small direct-mapped cache. One thread.
class RecentNames {
 public:
  static constexpr std::uint32_t kUnknown = std::numeric_limits<std::uint32_t>::max();

  /// The number of a name, or kUnknown. `head` is its head_of().
  std::uint32_t find(std::string_view name, const NameHead& head) const {
    const Entry& entry = entries_[place_of(head)];
    // No name holds a zero byte, so neither an empty entry nor a padded short name equals the head
    // of a longer one.
    return name.size() <= kNameHeadBytes && entry.head == head ? entry.number : kUnknown;
  }

  /// Takes the place of the name that has it. Does nothing for a long one.
  void remember(std::string_view name, const NameHead& head, std::uint32_t number) {
    if (name.size() <= kNameHeadBytes) entries_[place_of(head)] = {head, number};
  }

 private:
  static std::size_t place_of(const NameHead& head) {
    return ((head[0] ^ head[1]) * 0x9E3779B97F4A7C15) >> (64 - kBits);
  }

  static constexpr unsigned kBits = 6;

  struct Entry {
    NameHead head;
    std::uint32_t number;
  };

  std::array<Entry, std::size_t{1} << kBits> entries_{};
};

}  // namespace billing
