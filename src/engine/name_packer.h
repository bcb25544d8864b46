#pragma once

// The order of names as numbers: a few of their bits decide it, those that are not the same in all.

#include <array>
#include <cstdint>
#include <vector>

#include "engine/name_table.h"

namespace billing {

/// Which bits of the names' first 16 bytes (shorter ones padded with zeros) are not the same in all
/// of them.
class NameBits {
 public:
  void add(const Name& name);
  void add(const NameBits& names);

  /// In two words, the first byte of names on top.
  std::array<std::uint64_t, 2> varying() const {
    return {ones_[0] & ~all_[0], ones_[1] & ~all_[1]};
  }

 private:
  std::array<std::uint64_t, 2> ones_{};
  std::array<std::uint64_t, 2> all_{~std::uint64_t{0}, ~std::uint64_t{0}};
};

/// Packs the first varying bits of a name into a number. Names order as their numbers do; of two
/// with the same number nothing is said.
class NamePacker {
 public:
  explicit NamePacker(const NameBits& names);

  std::uint64_t pack(const Name& name) const;

 private:
  /// The low bits of a byte, from the highest that varies on.
  struct Field {
    std::uint32_t word;
    std::uint32_t shift;
    std::uint32_t bits;
  };
  std::vector<Field> fields_;
};

}  // namespace billing
