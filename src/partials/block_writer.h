#pragma once

// The blocks that usage files consist of; docs/partial-format.md describes them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

enum class BlockKind : std::uint32_t { header = 1, rows = 2, end = 3 };

inline constexpr std::size_t kBlockHeadBytes = 8;
inline constexpr std::size_t kBlockChecksumBytes = 8;

/// The largest payload of a block.
constexpr std::size_t max_payload_bytes(BlockKind kind) {
  switch (kind) {
    case BlockKind::header:
      return std::size_t{256} << 20;
    case BlockKind::rows:
      return std::size_t{1} << 20;
    case BlockKind::end:
      return 64;
  }
  __builtin_unreachable();
}

/// Whole blocks, one after another.
struct Blocks {
  std::string bytes;
  std::vector<std::uint64_t> checksums;

  void clear() {
    bytes.clear();
    checksums.clear();
  }
};

/// Adds one block to `out`. Throws Error(run) where a header has become too large.
void append_block(Blocks& out, BlockKind kind, std::string_view payload);

/// The checksum of a block's head and payload.
std::uint64_t checksum_of(std::string_view bytes);

/// The checksum of a file's checksums, in order.
class ChecksumOfBlocks {
 public:
  ChecksumOfBlocks();
  ChecksumOfBlocks(ChecksumOfBlocks&&) noexcept;
  ~ChecksumOfBlocks();

  void add(std::uint64_t block_checksum);
  std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace billing
