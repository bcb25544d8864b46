#pragma once

// Units that convert into each other: of time and of size.

#include <cstdint>
#include <string_view>

namespace billing {

enum class UnitKind : std::uint8_t { time, size };

/// One of it is cofactor * 10^power10 nanoseconds or bytes.
struct QuantityUnit {
  UnitKind kind;
  std::uint64_t cofactor;
  int power10;
};

/// By a name that settings have: `ns us ms s min m h`, `B kB MB GB KiB MiB GiB`. Null for others.
const QuantityUnit* find_unit(std::string_view name);

/// By a word behind a number: those names, and what programs write (`msec`, `µs`, `hrs` ...).
const QuantityUnit* find_unit_word(std::string_view word);

bool is_time_unit(std::string_view name);
bool is_size_unit(std::string_view name);

}  // namespace billing
