#pragma once

// Calls and their quantity in 64 bits, each with its highest bit kept 0, so that two such sums are
// added by one addition:
//
//     | calls: 24 | quantity: 40 |

#include <cstdint>
#include <utility>

namespace billing {

struct PackedSum {
  static constexpr unsigned kQuantityBits = 40;
  /// Quantities below this fit; so may a sum of one below it and a further such quantity.
  static constexpr std::uint64_t kQuantityLimit = std::uint64_t{1} << (kQuantityBits - 1);

  static std::uint64_t calls_of(std::uint64_t sum) { return sum >> kQuantityBits; }
  static std::int64_t quantity_of(std::uint64_t sum) {
    return static_cast<std::int64_t>(sum & ((std::uint64_t{1} << kQuantityBits) - 1));
  }
  /// Whether an event's quantity can be part of such a sum: negative ones cannot.
  static bool fits(std::int64_t quantity) {
    return static_cast<std::uint64_t>(quantity) < kQuantityLimit;
  }
  /// `calls` < 2^23, a quantity that fits.
  static std::uint64_t sum_of(std::uint64_t calls, std::int64_t quantity) {
    return (calls << kQuantityBits) + static_cast<std::uint64_t>(quantity);
  }

  /// Adds a sum. Returns the result if it must now move on elsewhere (`sum` is 0 then), else 0.
  static std::uint64_t add(std::uint64_t& sum, std::uint64_t more) {
    constexpr std::uint64_t kHighestBits = std::uint64_t{1} << 63 | kQuantityLimit;
    sum += more;
    if ((sum & kHighestBits) == 0) [[likely]]
      return 0;
    return std::exchange(sum, 0);
  }
};

}  // namespace billing
