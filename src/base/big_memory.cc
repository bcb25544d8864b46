#include "base/big_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace billing {
namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

}  // namespace

BigMemory::BigMemory(std::size_t bytes, Population population) : bytes_(bytes) {
  if (bytes == 0) return;
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  data_ = static_cast<std::byte*>(memory);
  // The kernel aligns large mappings itself. Failure of the advice costs speed only. Populated at
  // once: a table that is read before it is written would take each page fault twice.
  if (bytes < kHugePageBytes || population == Population::on_touch) return;
  madvise(memory, bytes, MADV_HUGEPAGE);
  madvise(memory, bytes, MADV_POPULATE_WRITE);
}

BigMemory::~BigMemory() {
  if (data_ != nullptr) munmap(data_, bytes_);
}

}  // namespace billing
