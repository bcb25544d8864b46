#pragma once

// Append-only lists of records on pages of one size, of which there may be a thousand at once.

#include <cstddef>
#include <memory>
#include <vector>

#include "base/big_memory.h"
#include "base/prefetch.h"

namespace billing {

inline constexpr std::size_t kRecordPageBytes = 16 * 1024;

/// Hands out pages, never given back to the system one by one. One thread.
/// Pages stay valid as long as the pool that cut them from its memory.
class PagePool {
 public:
  PagePool() = default;
  PagePool(PagePool&&) = default;
  PagePool& operator=(PagePool&&) = default;

  std::byte* take();
  /// What it has taken from the system.
  std::size_t memory_bytes() const {
    std::size_t bytes = 0;
    for (const BigMemory& block : blocks_) bytes += block.bytes();
    return bytes;
  }

  /// The page may come from another pool, which then must outlive the use of this one's pages.
  void give_back(std::byte* page) { free_.push_back(page); }

 private:
  std::vector<BigMemory> blocks_;
  std::size_t block_used_bytes_ = 0;
  std::vector<std::byte*> free_;
};

template <class Record>
class PagedRecords {
 public:
  static constexpr std::size_t kPerPage = kRecordPageBytes / sizeof(Record);

  void append(const Record& record, PagePool& pool) {
    if (next_ == limit_) [[unlikely]]
      add_page(pool);
    *next_++ = record;
    // Many lists grow in turns: the next cache line of this one is there when its turn comes.
    prefetch_for_write(reinterpret_cast<std::uintptr_t>(next_) + kCacheLineBytes);
  }

  std::size_t size() const {
    return pages_.size() * kPerPage - static_cast<std::size_t>(limit_ - next_);
  }

  const Record& operator[](std::size_t i) const { return pages_[i / kPerPage][i % kPerPage]; }

  template <class Visit>
  void for_each(const Visit& visit) const {
    std::size_t left = size();
    for (const Record* page : pages_) {
      const std::size_t here = left < kPerPage ? left : kPerPage;
      for (std::size_t i = 0; i < here; ++i) visit(page[i]);
      left -= here;
    }
  }

  /// Empties the list and lets `pool` reuse its pages.
  void release(PagePool& pool) {
    for (Record* page : pages_) pool.give_back(reinterpret_cast<std::byte*>(page));
    *this = PagedRecords();
  }

 private:
  void add_page(PagePool& pool) {
    next_ = reinterpret_cast<Record*>(pool.take());
    limit_ = next_ + kPerPage;
    pages_.push_back(next_);
  }

  Record* next_ = nullptr;
  Record* limit_ = nullptr;
  std::vector<Record*> pages_;
};

}  // namespace billing
