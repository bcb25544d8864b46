#pragma once

// Interns names: the first step of metering an event. A name is hashed once; the top bits of the
// hash choose its partition and its bucket in the index, so that the buckets of a partition lie
// side by side and the table serves as that partition's dictionary when usage is closed.
//
//     index       8 tags | 8 numbers     a bucket, one cache line; half empty, looked up at random
//     rows        name | ...             by number: as many as there are names; they never move
//
// A bucket's tags are compared all at once: a loop over slots would end at a place that no
// processor foresees, and what it had begun of the next names would have to be begun again.

#ifdef __SSE2__
#include <immintrin.h>
#endif

#include <array>
#include <bit>
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

  void prefetch_bucket(std::uint64_t hash) const { prefetch(&buckets_[hash >> shift_]); }

  /// The first name with the top half of this hash, very likely the one that is meant. Prefetches
  /// its row.
  NameRef find(std::uint64_t hash) {
    for (const Bucket* bucket = &buckets_[hash >> shift_];; ++bucket) {
      if (const std::uint32_t slots = bucket->slots_of(tag_of(hash)); slots != 0) [[likely]] {
        const std::uint32_t number = bucket->number_in(slots);
        Name& found = name(number);
        prefetch(&found);
        return {&found, number};
      }
      if (!bucket->is_full()) return {};
    }
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

  /// Calls `visit(number, hash)` for each name of a partition, in no order. Of the hash, these are
  /// the top 32 bits, of which the lowest is not to be used.
  template <class Visit>
  void for_each(std::uint32_t partition, const Visit& visit) const {
    const std::uint64_t home = bucket_count_ >> partition_bits_;
    const Bucket* bucket = buckets_ + home * partition;
    const Bucket* const home_end = bucket + home;
    // Names whose home buckets were full stand behind them, up to the first bucket with room.
    for (bool overflows = false; bucket < home_end || overflows; ++bucket) {
      for (std::size_t slot = 0; slot < kBucketSlots && bucket->tags[slot] != 0; ++slot) {
        const std::uint32_t hash = bucket->tags[slot];
        if (partition_of(std::uint64_t{hash} << 32) == partition)
          visit(bucket->numbers[slot], hash);
      }
      overflows = bucket->is_full();
    }
  }

 private:
  static constexpr std::size_t kRowBlockBytes = std::size_t{2} << 20;
  static constexpr std::size_t kLongNameBlockBytes = std::size_t{2} << 20;

  static constexpr std::size_t kBucketSlots = 8;

  /// The top 32 bits of a hash, the lowest of them set: 0 is no tag.
  static std::uint32_t tag_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> 32) | 1;
  }

  /// Filled from the front; zeroed memory is empty.
  struct alignas(kCacheLineBytes) Bucket {
    std::array<std::uint32_t, kBucketSlots> tags;
    std::array<std::uint32_t, kBucketSlots> numbers;

    bool is_full() const { return tags.back() != 0; }

    /// A bit for each slot that has this tag: the lowest for the first slot.
    std::uint32_t slots_of(std::uint32_t tag) const {
#ifdef __SSE2__
      const __m128i wanted = _mm_set1_epi32(static_cast<int>(tag));
      const auto* const halves = reinterpret_cast<const __m128i*>(tags.data());
      const __m128i same = _mm_packs_epi32(_mm_cmpeq_epi32(_mm_load_si128(halves), wanted),
                                           _mm_cmpeq_epi32(_mm_load_si128(halves + 1), wanted));
      return static_cast<std::uint32_t>(
          _mm_movemask_epi8(_mm_packs_epi16(same, _mm_setzero_si128())));
#else
      std::uint32_t slots = 0;
      for (std::uint32_t slot = 0; slot < kBucketSlots; ++slot)
        slots |= std::uint32_t{tags[slot] == tag} << slot;
      return slots;
#endif
    }

    /// The number in the first of these slots.
    std::uint32_t number_in(std::uint32_t slots) const {
      return numbers[static_cast<std::size_t>(std::countr_zero(slots))];
    }

    /// Into the first empty slot, of which there must be one.
    void put(std::uint32_t tag, std::uint32_t number) {
      std::size_t slot = 0;
      while (tags[slot] != 0) ++slot;
      tags[slot] = tag;
      numbers[slot] = number;
    }
  };

  NameRef insert(Bucket& bucket, std::string_view name, const HashedName& hashed);
  void add_row(std::string_view name, const HashedName& hashed);
  const char* store(std::string_view name);
  void allocate(unsigned bucket_bits);
  void grow();

  unsigned partition_bits_;
  unsigned shift_ = 0;
  std::uint64_t bucket_count_ = 0;  ///< without those for what overflows
  Bucket* buckets_ = nullptr;
  Bucket* buckets_end_ = nullptr;
  BigMemory index_;

  unsigned row_bits_;  ///< log2 of a row's size
  std::vector<BigMemory> row_blocks_;
  std::vector<std::uint16_t> partitions_;  ///< by number

  std::vector<BigMemory> long_names_;  ///< blocks that long names point into
  std::size_t long_names_free_bytes_ = 0;
  std::size_t name_bytes_ = 0;
};

}  // namespace billing
