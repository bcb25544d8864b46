#pragma once

#include <chrono>
#include <string_view>
#include <vector>

#include "billing/aggregate.h"

namespace billing {

/// Times the passes of a job: each ends where the next begins.
class PassTimer {
 public:
  explicit PassTimer(std::vector<PassTime>& passes) : passes_(passes) {}

  /// The time since the last call belongs to `name`.
  void passed(std::string_view name) {
    const auto now = std::chrono::steady_clock::now();
    passes_.push_back({name, std::chrono::duration<double>(now - last_).count()});
    last_ = now;
  }

 private:
  std::vector<PassTime>& passes_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace billing
