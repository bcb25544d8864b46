#pragma once

#include <algorithm>
#include <memory>
#include <string_view>

namespace billing {

/// A copy of a text in memory of exactly its size: a sanitizer finds reads beyond it.
class ExactBytes {
 public:
  explicit ExactBytes(std::string_view text) : size_(text.size()), bytes_(new char[text.size()]) {
    std::copy(text.begin(), text.end(), bytes_.get());
  }

  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

}  // namespace billing
