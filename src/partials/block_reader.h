#pragma once

// Reading the blocks of a usage file, one after another.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/byte_codec.h"
#include "billing/byte_source.h"
#include "partials/block_writer.h"

namespace billing {

/// Blocks of a file, each checked. Holds one of them at a time. One thread.
class BlockReader {
 public:
  /// Reads from `offset_bytes` on. `before` are the checksums of the blocks before that.
  BlockReader(std::shared_ptr<const ByteSource> bytes, std::uint64_t offset_bytes,
              std::size_t buffer_bytes, ChecksumOfBlocks before = {});

  struct Block {
    BlockKind kind;
    std::string_view payload;    ///< valid until the next call
    std::uint64_t offset_bytes;  ///< of the payload in the file
  };
  /// Sections that a reader may skip are passed over. Throws Error(run) that names the file and the
  /// place where the bytes are not a whole block.
  Block next();

  /// The kind of the block that next() will return. Throws as it does.
  BlockKind next_kind();

  /// Throws Error(run) where there are further bytes.
  void expect_end();

  /// Where the next block begins.
  std::uint64_t offset_bytes() const { return offset_bytes_; }
  /// The checksum of all blocks so far but the end, also of those passed over.
  const ChecksumOfBlocks& checksums() const { return checksums_; }

  /// Throws Error(run) that the file is damaged at `offset_bytes`.
  [[noreturn]] void fail(std::uint64_t offset_bytes, const std::string& what) const;

 private:
  struct Head {
    std::uint32_t payload_bytes;
    BlockKind kind;
  };
  Head read_head();
  Block next_of_any_kind();
  /// False where the file ends before `bytes` are there.
  bool fill(std::size_t bytes);

  std::shared_ptr<const ByteSource> bytes_;
  std::uint64_t offset_bytes_;
  std::string buffer_;  // what is read of the file from offset_bytes_ on begins at used_bytes_
  std::size_t used_bytes_ = 0;
  std::size_t filled_bytes_ = 0;
  ChecksumOfBlocks checksums_;  // of all blocks but the end
};

/// The items of neighbouring blocks of one kind, as if they stood in one. One thread.
class BlockItems {
 public:
  /// `blocks` must outlive this and stand at the first block.
  BlockItems(BlockReader& blocks, BlockKind kind) : blocks_(blocks), kind_(kind) {}

  /// The bytes from the next item on; null behind the last block of the kind.
  ByteReader* next();
  /// The bytes that were read from it since next().
  std::string_view item() const {
    return payload_.substr(begin_, payload_.size() - bytes_.left() - begin_);
  }

  /// Throws Error(run) that names the place of the item.
  [[noreturn]] void fail(const std::string& what) const {
    blocks_.fail(payload_offset_bytes_ + begin_, what);
  }

 private:
  BlockReader& blocks_;
  BlockKind kind_;
  std::string_view payload_;
  std::uint64_t payload_offset_bytes_ = 0;
  std::size_t begin_ = 0;  // of the item in the payload
  ByteReader bytes_{{}};
};

}  // namespace billing
