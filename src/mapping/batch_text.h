#pragma once

// Memory for texts that records do not hold as they are wanted: joined from several fields, or
// unescaped.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace billing {

/// Texts that stay where they are until clear(). Not for several threads at once.
class BatchText {
 public:
  /// Room for `bytes` bytes, of which keep() takes what was used.
  char* reserve(std::size_t bytes) {
    if (room_ < bytes) next_block(bytes);
    return at_;
  }
  std::string_view keep(std::size_t bytes) {
    const std::string_view text(at_, bytes);
    at_ += bytes;
    room_ -= bytes;
    return text;
  }

  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    std::memcpy(reserve(text.size()), text.data(), text.size());
    return keep(text.size());
  }

  /// Gives up all texts. Keeps the memory, but of texts so large that they had blocks of their own.
  void clear() {
    std::erase_if(blocks_, [](const Block& block) { return block.bytes > kBlockBytes; });
    used_blocks_ = 0;
    room_ = 0;
  }

 private:
  static constexpr std::size_t kBlockBytes = std::size_t{64} << 10;

  struct Block {
    std::unique_ptr<char[]> memory;
    std::size_t bytes;
  };

  void next_block(std::size_t bytes) {
    if (used_blocks_ == blocks_.size() || blocks_[used_blocks_].bytes < bytes) {
      const std::size_t size = std::max(bytes, kBlockBytes);
      blocks_.insert(blocks_.begin() + static_cast<std::ptrdiff_t>(used_blocks_),
                     Block{std::make_unique_for_overwrite<char[]>(size), size});
    }
    const Block& block = blocks_[used_blocks_++];
    at_ = block.memory.get();
    room_ = block.bytes;
  }

  std::vector<Block> blocks_;
  std::size_t used_blocks_ = 0;
  char* at_ = nullptr;
  std::size_t room_ = 0;
};

}  // namespace billing
