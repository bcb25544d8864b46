#pragma once

// Interns names: the first step of metering an event. A name is hashed once; the top bits of the
// hash choose its partition and its slot in the index, so that the slots of a partition lie side by
// side and the table serves as that partition's dictionary when usage is closed.
//
//     index       hash | number     8 bytes a slot, half empty, probed at random
//     rows        name | ...        by number: as many as there are names; they never move

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/big_memory.h"
#include "base/prefetch.h"
#include "engine/name.h"
#include "engine/name_hash.h"

namespace billing {

/// A name in a table; of no name, where `name` is null.
struct NameRef {
  Name* name = nullptr;  ///< the front of its row
  std::uint32_t number = 0;
};

/// Not for several threads at once.
class NameTable {
 public:
  /// A row holds a Name and, behind it, zeros for the owner's use. `row_bytes` is a power of two
  /// from sizeof(Name) on.
  explicit NameTable(unsigned partition_bits, std::size_t row_bytes = sizeof(Name));

  std::uint32_t partition_of(std::uint64_t hash) const {
    return static_cast<std::uint32_t>((hash >> 1) >> (63 - partition_bits_));
  }

  // Interning takes three steps over many names, so that memory arrives while others are looked at.

  void prefetch_slot(std::uint64_t hash) const { prefetch(&slots_[hash >> shift_]); }

  /// The first name with the top half of this hash, very likely the one that is meant. Prefetches
  /// its row.
  NameRef find(std::uint64_t hash) {
    const Slot* slot = slots_ + (hash >> shift_);
    while (slot->hash != static_cast<std::uint32_t>(hash >> 32) && !slot->empty()) ++slot;
    if (slot->empty()) return {};
    Name& found = name(slot->number());
    prefetch(&found);
    return {&found, slot->number()};
  }

  static bool is_same(const Name& a, std::string_view name, const HashedName& hashed) {
    if (a.head[0] != hashed.head[0]) return false;
    return name.size() <= kNameHeadBytes ? a.head[1] == hashed.head[1] : a.text() == name;
  }

  /// Numbers are dense, in the order of arrival. `found` comes from find().
  NameRef intern(std::string_view name, const HashedName& hashed, NameRef found) {
    if (found.name != nullptr && is_same(*found.name, name, hashed)) [[likely]]
      return found;
    return intern(name, hashed);
  }
  NameRef intern(std::string_view name, const HashedName& hashed);

  std::uint32_t size() const { return static_cast<std::uint32_t>(partitions_.size()); }
  /// The bytes of all names together.
  std::size_t name_bytes() const { return name_bytes_; }

  std::size_t memory_bytes() const {
    const std::size_t rows_bytes = std::size_t{size()} << row_bits_;
    const std::size_t untouched_bytes = long_names_.size() > 1 ? 0 : long_names_free_bytes_;
    return index_.bytes() + rows_bytes + partitions_.capacity() * sizeof(partitions_[0]) +
           long_names_.size() * kLongNameBlockBytes - untouched_bytes;
  }

  /// Forgets all names and gives their memory back. The table is spent.
  void release();

  std::byte* row(std::uint32_t number) {
    const std::uint64_t offset = std::uint64_t{number} << row_bits_;
    return row_blocks_[offset / kRowBlockBytes].data() + offset % kRowBlockBytes;
  }
  Name& name(std::uint32_t number) { return *reinterpret_cast<Name*>(row(number)); }

  /// The partition of the name with this number.
  std::uint32_t partition_of_number(std::uint32_t number) const { return partitions_[number]; }

  /// Calls `visit(number, hash)`, of the hash its top 32 bits, for each name of a partition, in no
  /// order.
  template <class Visit>
  void for_each(std::uint32_t partition, const Visit& visit) const {
    const std::uint64_t home = capacity_ >> partition_bits_;
    const Slot* slot = slots_ + home * partition;
    const Slot* const home_end = slot + home;
    // Names whose home slots were taken stand behind them, up to the first empty slot.
    for (; slot < home_end || (slot < slots_end_ && !slot->empty()); ++slot) {
      if (!slot->empty() && partition_of(std::uint64_t{slot->hash} << 32) == partition)
        visit(slot->number(), slot->hash);
    }
  }

 private:
  static constexpr std::size_t kRowBlockBytes = std::size_t{2} << 20;
  static constexpr std::size_t kLongNameBlockBytes = std::size_t{2} << 20;

  /// Zeroed memory is an empty slot.
  struct Slot {
    std::uint32_t hash;       ///< its top 32 bits
    std::uint32_t numbering;  ///< number + 1

    bool empty() const { return numbering == 0; }
    std::uint32_t number() const { return numbering - 1; }
  };

  NameRef insert(Slot& slot, std::string_view name, const HashedName& hashed);
  void add_row(std::string_view name, const HashedName& hashed);
  const char* store(std::string_view name);
  void allocate(unsigned capacity_bits);
  void grow();

  unsigned partition_bits_;
  unsigned shift_ = 0;
  std::uint64_t capacity_ = 0;
  Slot* slots_ = nullptr;
  Slot* slots_end_ = nullptr;
  BigMemory index_;

  unsigned row_bits_;  ///< log2 of a row's size
  std::vector<BigMemory> row_blocks_;
  std::vector<std::uint16_t> partitions_;  ///< by number

  std::vector<BigMemory> long_names_;  ///< blocks that long names point into
  std::size_t long_names_free_bytes_ = 0;
  std::size_t name_bytes_ = 0;
};

}  // namespace billing
