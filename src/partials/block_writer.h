#pragma once

// The blocks that usage files consist of; docs/partial-format.md describes them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

enum class BlockKind : std::uint32_t {
  header = 1,
  tasks = 2,
  inputs = 3,
  head_end = 4,  ///< the checksums of all before
  rows = 5,
  end = 6,
  records = 7,  ///< with keys, of usage that is deduplicated; before the rows
};

/// What a later program may have added, and a reader that does not know it may skip.
constexpr bool is_optional(BlockKind kind) { return static_cast<std::uint32_t>(kind) >> 31 != 0; }

inline constexpr std::size_t kBlockHeadBytes = 8;
inline constexpr std::size_t kBlockChecksumBytes = 8;

/// A block is ended beyond this: large enough to be read at little cost, small enough for many
/// files to be merged at once.
inline constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

/// Blocks of records are smaller, as every thread that reads them has one of each file at hand.
constexpr std::size_t block_bytes_of(BlockKind kind) {
  return kind == BlockKind::records ? kBlockBytes / 4 : kBlockBytes;
}

/// The largest payload of a block. None is empty.
constexpr std::size_t max_payload_bytes(BlockKind kind) {
  switch (kind) {
    case BlockKind::header:
    case BlockKind::records:
      return std::size_t{64} << 10;
    case BlockKind::tasks:
    case BlockKind::inputs:
    case BlockKind::rows:
      return std::size_t{256} << 10;
    case BlockKind::head_end:
    case BlockKind::end:
      return 64;
  }
  return std::size_t{256} << 10;  // optional
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

/// Adds one block to `out`. Throws Error(run) where the payload is larger than a block may be,
/// which no input that can be opened and no option leads to.
void append_block(Blocks& out, BlockKind kind, std::string_view payload);

/// The checksum of a block's head and payload.
std::uint64_t checksum_of(std::string_view bytes);

/// The checksum of a file's checksums, in order.
class ChecksumOfBlocks {
 public:
  ChecksumOfBlocks();
  ChecksumOfBlocks(const ChecksumOfBlocks& other);
  ChecksumOfBlocks(ChecksumOfBlocks&&) noexcept;
  ChecksumOfBlocks& operator=(const ChecksumOfBlocks& other) {
    return *this = ChecksumOfBlocks(other);
  }
  ChecksumOfBlocks& operator=(ChecksumOfBlocks&&) noexcept;
  ~ChecksumOfBlocks();

  void add(std::uint64_t block_checksum);
  std::uint64_t value() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace billing
