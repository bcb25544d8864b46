#pragma once

// Interns names: the first step of metering an event. A name is hashed once; the top bits of the
// hash choose its partition and its slot, so that the slots of a partition lie side by side and the
// table serves as that partition's dictionary when usage is closed.

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "base/big_memory.h"
#include "engine/name_hash.h"

namespace billing {

/// 32 bytes, two to a cache line. Zeroed memory is an empty slot.
struct NameSlot {
  std::uint64_t head[2];
  std::uint32_t hash;    ///< its top 32 bits
  std::uint32_t number;  ///< of the name in its table: dense, in the order of arrival
  const char* full;      ///< longer than 16 bytes: the whole name, its length in the byte before

  bool empty() const { return head[0] == 0; }
  /// Points into this slot where the name is short.
  std::string_view name() const {
    if (full != nullptr) return {full, static_cast<unsigned char>(full[-1])};
    const std::uint64_t last = head[1] != 0 ? head[1] : head[0];
    const auto bytes = static_cast<std::size_t>(8 - __builtin_clzll(last) / 8);
    return {reinterpret_cast<const char*>(head), bytes + (head[1] != 0 ? 8 : 0)};
  }

  bool same_name(const NameSlot& other) const {
    return head[0] == other.head[0] && head[1] == other.head[1] &&
           (full == nullptr) == (other.full == nullptr) &&
           (full == nullptr || name() == other.name());
  }
};

/// Not for several threads at once. Slots do not move once the last name has been interned.
class NameTable {
 public:
  explicit NameTable(unsigned partition_bits);

  std::uint32_t partition_of(std::uint64_t hash) const {
    return static_cast<std::uint32_t>((hash >> 1) >> (63 - partition_bits_));
  }

  void prefetch(std::uint64_t hash) const { __builtin_prefetch(&slots_[hash >> shift_]); }

  /// The name's number: dense, in the order of arrival.
  std::uint32_t intern(std::string_view name, const HashedName& hashed) {
    for (NameSlot* slot = slots_ + (hashed.hash >> shift_);; ++slot) {
      if (slot->head[0] == hashed.head[0] && slot->head[1] == hashed.head[1] &&
          (name.size() <= sizeof(hashed.head) ? slot->full == nullptr : same_full(*slot, name))) {
        return slot->number;
      }
      if (slot->empty()) return insert(*slot, name, hashed);
    }
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(partitions_.size()); }

  /// Of the name with this number.
  std::uint32_t partition_of_number(std::uint32_t number) const { return partitions_[number]; }

  /// Calls `visit(const NameSlot&)` for each name of a partition, in no order.
  template <class Visit>
  void for_each(std::uint32_t partition, const Visit& visit) const {
    const std::uint64_t home = partition_bits_ == 0 ? capacity_ : capacity_ >> partition_bits_;
    const NameSlot* slot = slots_ + home * partition;
    const NameSlot* const home_end = slot + home;
    // Names whose home slots were taken stand behind them, up to the first empty slot.
    for (; slot < home_end || (slot < slots_end_ && !slot->empty()); ++slot) {
      if (!slot->empty() && partition_of(std::uint64_t{slot->hash} << 32) == partition)
        visit(*slot);
    }
  }

 private:
  static bool same_full(const NameSlot& slot, std::string_view name) {
    return slot.full != nullptr && static_cast<unsigned char>(slot.full[-1]) == name.size() &&
           std::memcmp(slot.full, name.data(), name.size()) == 0;
  }

  std::uint32_t insert(NameSlot& slot, std::string_view name, const HashedName& hashed);
  const char* store(std::string_view name);
  void allocate(unsigned capacity_bits);
  void grow();

  unsigned partition_bits_;
  unsigned shift_ = 0;
  std::uint64_t capacity_ = 0;
  NameSlot* slots_ = nullptr;
  NameSlot* slots_end_ = nullptr;
  BigMemory memory_;
  std::vector<std::uint16_t> partitions_;            ///< by number
  std::vector<std::unique_ptr<char[]>> long_names_;  ///< blocks that NameSlot::full points into
  std::size_t long_names_free_bytes_ = 0;
};

}  // namespace billing
