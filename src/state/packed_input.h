#pragma once

// Compressed inputs of an incremental run: what they hold, found out in a stream.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/input.h"
#include "partials/content_hash.h"
#include "partials/partial_input.h"
#include "state/record_borders.h"

namespace billing {

/// What a compressed input holds.
struct UnpackedContent {
  SeenContent seen;         ///< size and hashes
  std::string first_bytes;  ///< up to kHeadBytes
  // Of all of it.
  std::uint64_t lines = 0;
  std::uint64_t quoted_records = 0;
  bool ends_line = true;     ///< behind its last line nothing follows
  bool ends_quoted = false;  ///< it ends within quotes
};

/// The records of what a compressed input holds, where only a walk tells them apart.
struct WalkedContent {
  std::uint64_t records = 0;
  bool ends_record = true;
};

/// Decompresses it once more. Leaves the input closed.
WalkedContent walked_content(const Input& input, const RecordEnds& ends,
                             const std::function<void()>& checkpoint);

/// The hash of an input's own bytes, as they are compressed.
PackedContent packed_content(const Input& input, PrefixHasher& hasher);

/// Decompresses it once. Throws Error(run) where it is damaged. Leaves the input closed.
UnpackedContent unpacked_content(const Input& input, PrefixHasher& hasher,
                                 const std::function<void()>& checkpoint);

/// Back to the input's first byte, for the next who reads it.
void rewind(const Input& input);

/// Reads what is in memory, which must outlive it.
PrefixHasher::ReadBytes bytes_in_memory(std::string_view bytes);

/// Gives what the input holds; it must not be closed meanwhile, and stands at its first byte.
PrefixHasher::ReadBytes unpacked_bytes(const Input& input, const std::function<void()>& checkpoint);

/// What it holds as a file in `folder` that goes with the input. Throws Error(run) where there is
/// no room for it.
Input unpacked_input(const Input& input, const std::string& folder,
                     const std::function<void()>& checkpoint);

}  // namespace billing
