#include "engine/paged_records.h"

namespace billing {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{2} << 20;

}  // namespace

std::byte* PagePool::take() {
  if (!free_.empty()) {
    std::byte* const page = free_.back();
    free_.pop_back();
    return page;
  }
  if (blocks_.empty() || block_used_bytes_ == kBlockBytes) {
    blocks_.emplace_back(kBlockBytes);
    block_used_bytes_ = 0;
  }
  std::byte* const page = blocks_.back().data() + block_used_bytes_;
  block_used_bytes_ += kRecordPageBytes;
  return page;
}

}  // namespace billing
