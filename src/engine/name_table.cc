#include "engine/name_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace billing {
namespace {

constexpr unsigned kFirstCapacityBits = 12;

/// Slots behind the last one for names displaced beyond it. A run that long means a table that is
/// far too full, so insert() grows before it can happen.
constexpr std::uint64_t kSpillSlots = 4096;

/// The first block is as much as most tables need, and most of it is never touched.
Population population_behind(const std::vector<BigMemory>& blocks) {
  return blocks.empty() ? Population::on_touch : Population::at_once;
}

}  // namespace

NameTable::NameTable(unsigned partition_bits, std::size_t row_bytes)
    : partition_bits_(partition_bits),
      row_bits_(static_cast<unsigned>(std::countr_zero(row_bytes))) {
  allocate(std::max(kFirstCapacityBits, partition_bits));
}

void NameTable::allocate(unsigned capacity_bits) {
  capacity_ = std::uint64_t{1} << capacity_bits;
  shift_ = 64 - capacity_bits;
  index_ = BigMemory((capacity_ + kSpillSlots) * sizeof(Slot));
  slots_ = reinterpret_cast<Slot*>(index_.data());
  slots_end_ = slots_ + capacity_ + kSpillSlots;
}

NameRef NameTable::intern(std::string_view name, const HashedName& hashed) {
  const auto hash = static_cast<std::uint32_t>(hashed.hash >> 32);
  for (Slot* slot = slots_ + (hashed.hash >> shift_);; ++slot) {
    if (slot->empty()) return insert(*slot, name, hashed);
    if (slot->hash != hash) continue;
    Name& known = this->name(slot->number());
    if (is_same(known, name, hashed)) return {&known, slot->number()};
  }
}

NameRef NameTable::insert(Slot& slot, std::string_view name, const HashedName& hashed) {
  if (partitions_.size() * 8 >= capacity_ * 5 || &slot + 1 == slots_end_) {
    grow();
    return intern(name, hashed);
  }
  const std::uint32_t number = size();
  add_row(name, hashed);
  slot = {static_cast<std::uint32_t>(hashed.hash >> 32), number + 1};
  return {&this->name(number), number};
}

void NameTable::add_row(std::string_view name, const HashedName& hashed) {
  if (partitions_.size() << row_bits_ == row_blocks_.size() * kRowBlockBytes) {
    row_blocks_.emplace_back(kRowBlockBytes, population_behind(row_blocks_));
  }
  name_bytes_ += name.size();
  partitions_.push_back(static_cast<std::uint16_t>(partition_of(hashed.hash)));
  auto* const row_name = reinterpret_cast<Name*>(row(size() - 1));
  row_name->head[0] = hashed.head[0];
  row_name->head[1] = hashed.head[1];
  if (row_name->is_long()) row_name->head[1] = reinterpret_cast<std::uint64_t>(store(name));
}

const char* NameTable::store(std::string_view name) {
  const std::size_t bytes = name.size() + 1;
  if (long_names_free_bytes_ < bytes + kNameWindowBytes) {
    long_names_.emplace_back(kLongNameBlockBytes, population_behind(long_names_));
    long_names_free_bytes_ = kLongNameBlockBytes;
  }
  auto* const at = reinterpret_cast<char*>(long_names_.back().data()) +
                   (kLongNameBlockBytes - long_names_free_bytes_);
  long_names_free_bytes_ -= bytes;
  at[0] = static_cast<char>(name.size());
  std::memcpy(at + 1, name.data(), name.size());
  return at + 1;
}

void NameTable::release() {
  index_ = {};
  row_blocks_.clear();
  partitions_ = {};
  long_names_.clear();
}

void NameTable::grow() {
  const unsigned capacity_bits = 64 - shift_ + 1;
  if (capacity_bits > 32) throw std::length_error("more than two billion distinct names");
  const BigMemory old_index = std::move(index_);
  const Slot* const old_begin = slots_;
  const Slot* const old_end = slots_end_;
  allocate(capacity_bits);
  for (const Slot* old = old_begin; old < old_end; ++old) {
    if (old->empty()) continue;
    Slot* slot = slots_ + ((std::uint64_t{old->hash} << 32) >> shift_);
    while (!slot->empty()) ++slot;
    *slot = *old;
  }
}

}  // namespace billing
