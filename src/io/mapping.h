#pragma once

// A file mapped for reading. Where the file is cut short afterwards, touching the lost part raises
// SIGBUS; a program that hands the signal to patch_lost_page() reads zeros there instead and learns
// of it from lost_pages(): the run fails at its end, in order, and not in the middle of a load.

#include <atomic>
#include <cstddef>

#include "billing/lost_pages.h"

namespace billing {

class Mapping {
 public:
  /// Null data() where the file cannot be mapped.
  Mapping(int fd, std::size_t bytes);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  const char* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }
  /// The bytes from data() on that exist in memory: whole pages.
  std::size_t readable_bytes() const;

  bool lost_pages() const { return lost_pages_.load(std::memory_order_relaxed); }

 private:
  friend bool patch_lost_page(void* address);

  const char* data_ = nullptr;
  std::size_t bytes_;
  std::atomic<bool> lost_pages_ = false;
  std::atomic<Mapping*> next_ = nullptr;  // in the list of all mappings
};

}  // namespace billing
