#pragma once

// Counts as people read them: the same in every message and summary.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace billing {

/// A decimal such as `-1234567.0001` as `-1,234,567.0001`.
std::string grouped_number(std::string number);

std::string grouped(std::uint64_t number);

/// `1 line`, `1,234 lines`: `noun` takes an s.
std::string counted(std::uint64_t number, std::string_view noun);

/// Lists that people read end after so many.
inline constexpr std::size_t kMaxListed = 10;

/// `a, b, c and 1,234 more`: the first ten of `size` elements, which `append(out, i)` appends;
/// there are `total` of them.
template <class Append>
std::string listed(std::size_t size, std::uint64_t total, const Append& append) {
  const std::size_t shown = std::min(size, kMaxListed);
  std::string out;
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) out += ", ";
    append(out, i);
  }
  if (total > shown) out += " and " + grouped(total - shown) + " more";
  return out;
}

}  // namespace billing
