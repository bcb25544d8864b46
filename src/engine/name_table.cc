#include "engine/name_table.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace billing {
namespace {

constexpr unsigned kFirstBucketBits = 9;

/// Buckets behind the last one for names displaced beyond it. A run that long means a table that is
/// far too full, so insert() grows before it can happen.
constexpr std::uint64_t kSpillBuckets = 512;

/// The first block is as much as most tables need, and most of it is never touched.
Population population_behind(const std::vector<BigMemory>& blocks) {
  return blocks.empty() ? Population::on_touch : Population::at_once;
}

}  // namespace

NameTable::NameTable(unsigned partition_bits, std::size_t row_bytes)
    : partition_bits_(partition_bits),
      row_bits_(static_cast<unsigned>(std::countr_zero(row_bytes))) {
  allocate(std::max(kFirstBucketBits, partition_bits));
}

void NameTable::allocate(unsigned bucket_bits) {
  bucket_count_ = std::uint64_t{1} << bucket_bits;
  shift_ = 64 - bucket_bits;
  index_ = BigMemory((bucket_count_ + kSpillBuckets) * sizeof(Bucket));
  buckets_ = reinterpret_cast<Bucket*>(index_.data());
  buckets_end_ = buckets_ + bucket_count_ + kSpillBuckets;
}

NameRef NameTable::intern(std::string_view name, const HashedName& hashed) {
  for (Bucket* bucket = &buckets_[hashed.hash >> shift_];; ++bucket) {
    std::uint32_t slots = bucket->slots_of(tag_of(hashed.hash));
    for (; slots != 0; slots &= slots - 1) {
      const std::uint32_t number = bucket->number_in(slots);
      Name& known = this->name(number);
      if (is_same(known, name, hashed)) return {&known, number};
    }
    if (!bucket->is_full()) return insert(*bucket, name, hashed);
  }
}

NameRef NameTable::insert(Bucket& bucket, std::string_view name, const HashedName& hashed) {
  if (partitions_.size() * 8 >= bucket_count_ * kBucketSlots * 5 || &bucket + 1 == buckets_end_) {
    grow();
    return intern(name, hashed);
  }
  const std::uint32_t number = size();
  add_row(name, hashed);
  bucket.put(tag_of(hashed.hash), number);
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
  const unsigned bucket_bits = 64 - shift_ + 1;
  if (bucket_bits > 29) throw std::length_error("more than two billion distinct names");
  const BigMemory old_index = std::move(index_);
  const Bucket* const old_begin = buckets_;
  const Bucket* const old_end = buckets_end_;
  allocate(bucket_bits);
  for (const Bucket* old = old_begin; old < old_end; ++old) {
    for (std::size_t slot = 0; slot < kBucketSlots && old->tags[slot] != 0; ++slot) {
      Bucket* bucket = &buckets_[(std::uint64_t{old->tags[slot]} << 32) >> shift_];
      while (bucket->is_full()) ++bucket;
      bucket->put(old->tags[slot], old->numbers[slot]);
    }
  }
}

}  // namespace billing
