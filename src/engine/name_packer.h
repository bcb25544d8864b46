#pragma once

// The order of names as numbers: a few of their bits decide it. Which ones, a sample of the names
// tells: those behind what all of them begin with and, of these, those that are not the same in
// all. Ids often begin with one of a few words (a tenant, who issued them) that need more bits than
// there are, so names that begin alike are told apart by bits of their own:
//
//     number    | which beginning: 8 | the bits that vary behind it: 56 |

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "billing/int128.h"
#include "engine/name.h"

namespace billing {

/// Packs the bits that vary among the sample's names after their common prefix. Monotonic for all
/// names, in the sample or not: a < b implies pack(a) <= pack(b).
class WindowPacker {
 public:
  /// The sample holds at least one name.
  explicit WindowPacker(std::span<const Name* const> sample);

  std::uint64_t pack(const Name& name) const {
    const bool begins_alike =
        ((name.window(0) ^ front_) & front_mask_) == 0 &&
        (prefix_.size() <= kNameWindowBytes || name.text().starts_with(prefix_));
    const Uint128 window = name.window(prefix_.size());
    if (!begins_alike || ((window ^ window_) & fixed_mask_) != 0) [[unlikely]]
      return pack_other(name);
    const Words words = words_of(window);
    std::uint64_t packed = 0;
    for (const Field& field : fields_) {
      const std::uint64_t mask = (std::uint64_t{1} << field.bits) - 1;
      packed = packed << field.bits | (words[field.word] >> field.shift & mask);
    }
    return packed;
  }

  /// How many bits a number has.
  std::uint32_t bits() const { return bits_; }
  /// Where in names the window begins.
  std::size_t begin_bytes() const { return prefix_.size(); }

 private:
  using Words = std::array<std::uint64_t, 2>;

  /// The low bits of a byte, from the highest that varies on.
  struct Field {
    std::uint32_t word;
    std::uint32_t shift;
    std::uint32_t bits;
  };

  static Words words_of(Uint128 window) {
    return {static_cast<std::uint64_t>(window >> 64), static_cast<std::uint64_t>(window)};
  }
  std::uint64_t pack_other(const Name& name) const;

  std::string prefix_;      ///< of all names of the sample
  Uint128 front_;           ///< the first window of one of them
  Uint128 front_mask_;      ///< the prefix in it
  Uint128 window_;          ///< the one behind the prefix
  Uint128 fixed_mask_ = 0;  ///< bits of it that are the same in all, up to the last field
  std::vector<Field> fields_;
  std::uint32_t bits_ = 0;
};

/// Packs names into numbers, likewise monotonic; equal numbers say nothing. Unless all names of the
/// sample are equal, at least two get different numbers.
class NamePacker {
 public:
  /// The sample holds at least one name.
  explicit NamePacker(const std::vector<const Name*>& sample);

  std::uint64_t pack(const Name& name) const {
    const std::uint64_t packed = all_.pack(name);
    return beginnings_.empty() ? packed : pack_behind(packed, name);
  }

  /// Whether any two names of the sample differ.
  bool tells_apart() const { return all_.bits() > 0; }
  /// Where in names begins what is looked at.
  std::size_t begin_bytes() const { return all_.begin_bytes(); }

 private:
  /// Names for which `all_` gives the same number.
  struct Beginning {
    std::uint64_t packed;
    WindowPacker behind;
  };

  std::uint64_t pack_behind(std::uint64_t packed, const Name& name) const;

  WindowPacker all_;
  std::vector<Beginning> beginnings_;  ///< ordered by `packed`
};

}  // namespace billing
