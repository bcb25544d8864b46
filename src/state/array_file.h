#pragma once

// Where an array of JSON stands in a file that a state knows: who writes one step by step puts a
// `]` behind its last element, and the next ones in the place of that, so it is known without its
// end.

#include <cstdint>
#include <string>
#include <string_view>

#include "io/input.h"

namespace billing {

/// At most so many bytes of a file; fewer where it has no more.
std::string file_bytes(const Input& file, std::uint64_t begin, std::uint64_t bytes);

/// Whether a file of so many bytes begins as an array.
bool begins_array(const Input& file, std::uint64_t bytes);

/// Whether what begins with these bytes, up to kHeadBytes, may be an array.
bool may_begin_array(std::string_view first_bytes);

/// Where the blanks and the `]` begin that an array of so many bytes ends with, and maybe lacks;
/// its end where there is nothing else.
std::uint64_t array_end_begin(const Input& file, std::uint64_t bytes);

}  // namespace billing
