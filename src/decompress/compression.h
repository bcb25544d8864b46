#pragma once

// Which compression bytes are in, whatever the input is called.

#include <string_view>

namespace billing {

enum class Compression { none, gzip, zstd };

inline constexpr std::string_view kGzipMagic{"\x1f\x8b", 2};
inline constexpr std::string_view kZstdMagic{"\x28\xb5\x2f\xfd", 4};

/// How zstd's skippable frames begin, which some tools write before the first frame with content:
/// one of sixteen bytes, then these.
inline constexpr std::string_view kSkippableMagicEnd{"\x2a\x4d\x18", 3};
constexpr bool begins_skippable_frame(char first) { return (first & 0xf0) == 0x50; }

/// Fewer bytes than a magic number has are taken for the whole input.
constexpr Compression compression_of(std::string_view first_bytes) {
  if (first_bytes.starts_with(kGzipMagic)) return Compression::gzip;
  const bool is_skippable = !first_bytes.empty() && begins_skippable_frame(first_bytes[0]) &&
                            first_bytes.substr(1).starts_with(kSkippableMagicEnd);
  return is_skippable || first_bytes.starts_with(kZstdMagic) ? Compression::zstd
                                                             : Compression::none;
}

}  // namespace billing
