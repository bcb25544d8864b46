#pragma once

// What a file is, whatever it is called.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace billing {

/// XXH3-128, its low half first.
using ContentHash = std::array<std::uint64_t, 2>;

/// The hashes of the first so many bytes of a file, for each of `sizes`, which rise and are within
/// the file. Reads it once. Throws Error(run) that names the file where that fails. `checkpoint` is
/// called now and then.
std::vector<ContentHash> hash_prefixes(int fd, const std::string& name,
                                       const std::vector<std::uint64_t>& sizes,
                                       const std::function<void()>& checkpoint);

}  // namespace billing
