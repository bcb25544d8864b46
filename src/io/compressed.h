#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace billing {

inline constexpr std::size_t kMagicBytes = 4;

/// What messages call standard input.
inline constexpr std::string_view kStdinName = "<stdin>";

/// What to say about an input that begins with these bytes where it is compressed (gzip or zstd);
/// empty for all else.
std::string describe_compressed(std::string_view name, std::string_view first_bytes);

}  // namespace billing
