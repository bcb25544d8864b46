#include "io/mapping.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <mutex>

namespace billing {
namespace {

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

// Written under the mutex, read by the signal handler without it.
std::mutex g_mappings_mutex;
std::atomic<Mapping*> g_first_mapping = nullptr;

}  // namespace

Mapping::Mapping(int fd, std::size_t bytes) : bytes_(bytes) {
  page_bytes();  // asked for here, so that the signal handler finds it known
  void* const memory = mmap(nullptr, bytes, PROT_READ, MAP_PRIVATE, fd, 0);
  if (memory == MAP_FAILED) return;
  data_ = static_cast<const char*>(memory);
  madvise(memory, bytes, MADV_SEQUENTIAL);
  // What is not cached yet is read into large pages, a few megabytes at a time: fewer faults, now
  // and in later runs.
  madvise(memory, bytes, MADV_HUGEPAGE);
  const std::lock_guard lock(g_mappings_mutex);
  next_ = g_first_mapping.load();
  g_first_mapping = this;
}

Mapping::~Mapping() {
  if (data_ == nullptr) return;
  {
    const std::lock_guard lock(g_mappings_mutex);
    std::atomic<Mapping*>* link = &g_first_mapping;
    while (*link != this) link = &link->load()->next_;
    *link = next_.load();
  }
  munmap(const_cast<char*>(data_), bytes_);
}

std::size_t Mapping::readable_bytes() const {
  return (bytes_ + page_bytes() - 1) / page_bytes() * page_bytes();
}

bool patch_lost_page(void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  for (Mapping* mapping = g_first_mapping; mapping != nullptr; mapping = mapping->next_) {
    const auto begin = reinterpret_cast<std::uintptr_t>(mapping->data_);
    if (at < begin || at >= begin + mapping->readable_bytes()) continue;
    // What stands behind the page is as good as lost too; one mapping for it all, since a process
    // has only so many.
    const std::uintptr_t page = at / page_bytes() * page_bytes();
    void* const patched =
        mmap(reinterpret_cast<void*>(page), begin + mapping->readable_bytes() - page, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
    if (patched == MAP_FAILED) return false;
    mapping->lost_pages_.store(true, std::memory_order_relaxed);
    return true;
  }
  return false;
}

}  // namespace billing
