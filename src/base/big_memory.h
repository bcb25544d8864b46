#pragma once

// Large zeroed arrays on huge pages: tables that are probed at random miss the TLB on small ones.

#include <cstddef>
#include <utility>

namespace billing {

/// When memory of 2 MB or more becomes resident: all of it now, on huge pages, or each small page
/// when it is first touched.
enum class Population { at_once, on_touch };

/// Owns zeroed memory taken straight from the system. Throws std::bad_alloc.
class BigMemory {
 public:
  BigMemory() = default;
  explicit BigMemory(std::size_t bytes, Population population = Population::at_once);
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
