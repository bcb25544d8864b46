#pragma once

// Large zeroed arrays on huge pages: tables that are probed at random miss the TLB on small ones.

#include <cstddef>
#include <utility>

namespace billing {

/// Owns zeroed memory taken straight from the system. Throws std::bad_alloc.
class BigMemory {
 public:
  BigMemory() = default;
  explicit BigMemory(std::size_t bytes);
  ~BigMemory();
  BigMemory(BigMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  BigMemory& operator=(BigMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace billing
