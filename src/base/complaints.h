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
    if (++count_ > kMaxListed) return;
    if (count_ > 1) text_ += '\n';
    text_ += complaint;
  }

  bool empty() const { return count_ == 0; }
  std::string text() const {
    return count_ > kMaxListed ? text_ + "\nand " + grouped(count_ - kMaxListed) + " more" : text_;
  }

 private:
  std::uint64_t count_ = 0;
  std::string text_;
};

}  // namespace billing
