#pragma once

// Puts names into the order of their bytes while looking at as few names as possible: a few packed
// bits of each decide nearly all, and where many names have those in common, the ones behind decide
// (a radix sort from the front, by 64 bits that vary at a time).

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "engine/name.h"

namespace billing {

/// A name of one of several tables, to be put in order.
struct NameKey {
  std::uint64_t packed;  ///< see NamePacker
  std::uint32_t table;
  std::uint32_t index;

  std::uint64_t order() const { return packed; }
  bool operator<(const NameKey& other) const { return packed < other.packed; }
};

/// The name of a key, for the order. Called by any thread.
using NameOf = std::function<const Name&(const NameKey&)>;

/// Orders the keys by the bytes of their names; equal names come to stand side by side. The keys
/// are packed, by a NamePacker for all of them. Runs on the TBB threads of the calling arena.
void order_names(std::span<NameKey> keys, const NameOf& name_of);

/// Packs the keys first, then orders them in the same way.
void pack_and_order_names(std::span<NameKey> keys, const NameOf& name_of);

/// Names in a sample: enough to show what a packer must know of all.
inline constexpr std::size_t kNameSample = 1024;

}  // namespace billing
