#pragma once

// The blocks that usage files consist of; docs/partial-format.md describes them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

enum class BlockKind : std::uint32_t { header = 1, rows = 2, end = 3 };

inline constexpr std::size_t kBlockHeadBytes = 8;
inline constexpr std::size_t kBlockChecksumBytes = 8;
inline constexpr std::size_t kMaxRowsBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxOtherBytes = std::size_t{256} << 20;

/// Whole blocks, one after another.
struct Blocks {
  std::string bytes;
  std::vector<std::uint64_t> checksums;

  void clear() {
    bytes.clear();
    checksums.clear();
  }
};

/// Adds one block to `out`: begin, append the payload to `out.bytes`, end.
std::size_t begin_block(Blocks& out, BlockKind kind);
void end_block(Blocks& out, std::size_t begin);

/// The checksum of a block's bytes, and of a file's checksums.
std::uint64_t checksum_of(std::string_view bytes);
std::uint64_t checksum_of(const std::vector<std::uint64_t>& checksums);

}  // namespace billing
