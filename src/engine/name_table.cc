#include "engine/name_table.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "billing/uint128.h"

namespace billing {
namespace {

constexpr unsigned kFirstCapacityBits = 12;
constexpr std::size_t kLongNameBlockBytes = 64 * 1024;

/// Slots behind the last one for names displaced beyond it. A run that long means a table that is
/// far too full, so insert() grows before it can happen.
constexpr std::uint64_t kSpillSlots = 4096;

}  // namespace

NameTable::NameTable(unsigned partition_bits) : partition_bits_(partition_bits) {
  allocate(std::max(kFirstCapacityBits, partition_bits));
}

void NameTable::allocate(unsigned capacity_bits) {
  capacity_ = std::uint64_t{1} << capacity_bits;
  shift_ = 64 - capacity_bits;
  memory_ = BigMemory((capacity_ + kSpillSlots) * sizeof(NameSlot));
  slots_ = reinterpret_cast<NameSlot*>(memory_.data());
  slots_end_ = slots_ + capacity_ + kSpillSlots;
}

std::uint32_t NameTable::insert(NameSlot& slot, std::string_view name, const HashedName& hashed) {
  if (partitions_.size() * 8 >= capacity_ * 5 || &slot + 1 == slots_end_) {
    grow();
    return intern(name, hashed);
  }
  slot.head[0] = hashed.head[0];
  slot.head[1] = hashed.head[1];
  slot.hash = static_cast<std::uint32_t>(hashed.hash >> 32);
  slot.number = size();
  slot.full = name.size() > kNameHeadBytes ? store(name) : nullptr;
  partitions_.push_back(static_cast<std::uint16_t>(partition_of(hashed.hash)));
  return slot.number;
}

const char* NameTable::store(std::string_view name) {
  const std::size_t bytes = name.size() + 1;
  if (long_names_free_bytes_ < bytes) {
    long_names_.push_back(std::make_unique<char[]>(kLongNameBlockBytes));
    long_names_free_bytes_ = kLongNameBlockBytes;
  }
  char* const at = long_names_.back().get() + (kLongNameBlockBytes - long_names_free_bytes_);
  long_names_free_bytes_ -= bytes;
  at[0] = static_cast<char>(name.size());
  std::memcpy(at + 1, name.data(), name.size());
  return at + 1;
}

void NameTable::grow() {
  const unsigned capacity_bits = 64 - shift_ + 1;
  if (capacity_bits > 32) throw std::length_error("more than two billion distinct names");
  const BigMemory old_memory = std::exchange(memory_, BigMemory());
  const NameSlot* const old_begin = slots_;
  const NameSlot* const old_end = slots_end_;
  allocate(capacity_bits);
  for (const NameSlot* old = old_begin; old < old_end; ++old) {
    if (old->empty()) continue;
    NameSlot* slot = slots_ + ((std::uint64_t{old->hash} << 32) >> shift_);
    while (!slot->empty()) ++slot;
    *slot = *old;
  }
}

}  // namespace billing
