#pragma once

// Units of quantities, and texts that carry their own.

#include <cstdint>
#include <optional>
#include <string_view>

#include "naive/decimal.h"

namespace billing::naive {

struct Unit {
  enum class Kind : std::uint8_t { time, size, other };
  Kind kind;
  std::uint64_t factor;  ///< in nanoseconds or bytes; 1 for others
};

/// `ms`, `GiB`: nothing for what is neither a time nor a size.
std::optional<Unit> unit_called(std::string_view name);

/// `1h3m`, `260 msecs`: in nanoseconds or bytes, all of it of `kind`. What has several numbers, or
/// is_part of a sum, has the digits that a sum may have: see fits_sum().
std::optional<Decimal> parse_with_units(std::string_view text, Unit::Kind kind,
                                        const DecimalRules& rules, bool is_part);

}  // namespace billing::naive
