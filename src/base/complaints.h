#pragma once

// What is wrong with several things, collected so that it is said together.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/count_text.h"

namespace billing {

/// The first ten complaints, a line each, and how many more there are.
class Complaints {
 public:
  void add(std::string_view complaint) {
    if (++count_ > kMostTold) return;
    if (count_ > 1) text_ += '\n';
    text_ += complaint;
  }

  bool empty() const { return count_ == 0; }
  std::string text() const {
    return count_ > kMostTold ? text_ + "\nand " + grouped(count_ - kMostTold) + " more" : text_;
  }

 private:
  static constexpr std::uint64_t kMostTold = 10;

  std::uint64_t count_ = 0;
  std::string text_;
};

}  // namespace billing
