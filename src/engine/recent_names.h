#pragma once

// Names that come again and again, such as tasks: found by a look at their bytes, without a hash of
// them all.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

#include "engine/name_hash.h"

namespace billing {

/// The numbers that were asked for last, in small direct-mapped caches: one of names that their
/// head is all of, one of longer names. One thread.
class RecentNames {
 public:
  static constexpr std::uint32_t kUnknown = std::numeric_limits<std::uint32_t>::max();

  /// The number of a name, or kUnknown. `head` is its head_of().
  std::uint32_t find(std::string_view name, const NameHead& head) const {
    if (name.size() > kNameHeadBytes) {
      const LongEntry& entry = long_entries_[place_of(name, head)];
      return is_same(entry.name, name) ? entry.number : kUnknown;
    }
    const Entry& entry = entries_[place_of(head)];
    // No name holds a zero byte, so an empty entry equals none.
    return entry.head == head ? entry.number : kUnknown;
  }

  /// Takes the place of the name that has it. `name` must stay where it is.
  void remember(std::string_view name, const NameHead& head, std::uint32_t number) {
    if (name.size() > kNameHeadBytes) {
      long_entries_[place_of(name, head)] = {name, number};
    } else {
      entries_[place_of(head)] = {head, number};
    }
  }

 private:
  static constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15;
  static constexpr unsigned kBits = 6;
  static constexpr unsigned kLongBits = 8;

  struct Entry {
    NameHead head;
    std::uint32_t number;
  };
  struct LongEntry {
    std::string_view name;
    std::uint32_t number;
  };

  static std::uint64_t word_at(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  }

  static std::size_t place_of(const NameHead& head) {
    return ((head[0] ^ head[1]) * kMultiplier) >> (64 - kBits);
  }

  /// Of a long name: those of one program differ in the middle or at the end.
  static std::size_t place_of(std::string_view name, const NameHead& head) {
    const std::uint64_t tail = word_at(name.data() + name.size() - 8);
    const std::uint64_t middle = word_at(name.data() + name.size() / 2);
    const std::uint64_t mixed =
        (head[0] ^ head[1]) * kMultiplier + (tail ^ middle * 3) + name.size();
    return (mixed * kMultiplier) >> (64 - kLongBits);
  }

  /// `name` is long. The last words that are compared may overlap.
  static bool is_same(std::string_view entry, std::string_view name) {
    if (entry.size() != name.size()) return false;
    const std::size_t last = name.size() - 8;
    std::uint64_t differs = word_at(entry.data() + last) ^ word_at(name.data() + last);
    for (std::size_t at = 0; at < last; at += 8)
      differs |= word_at(entry.data() + at) ^ word_at(name.data() + at);
    return differs == 0;
  }

  std::array<Entry, std::size_t{1} << kBits> entries_{};
  std::array<LongEntry, std::size_t{1} << kLongBits> long_entries_{};
};

}  // namespace billing
