#pragma once

// What an input is by its first bytes, whatever it is called: text, or something that a command
// makes text of.

#include <cstddef>
#include <string>
#include <string_view>

#include "decompress/compression.h"

namespace billing {

/// Enough to know anything that is known here: a tar archive says so behind its first 256 bytes.
inline constexpr std::size_t kFirstBytes = 512;

/// How every partial begins.
inline constexpr std::string_view kPartialMagic = "billing partial\n";

/// What messages call standard input.
inline constexpr std::string_view kStdinName = "<stdin>";

/// What an input must be: anything that can be read once, or a file, of text or compressed.
enum class InputNeed { stream, file };

/// What to say about an input that begins so and cannot be read: what it is, and the command that
/// makes text of it. Empty for all else: text, and what is decompressed as it is read. Fewer than
/// kFirstBytes are taken for the whole input, or for its first line. `within`: the compression that
/// these bytes were in.
std::string describe_first_bytes(std::string_view name, std::string_view first_bytes,
                                 InputNeed need, Compression within = Compression::none);

}  // namespace billing
