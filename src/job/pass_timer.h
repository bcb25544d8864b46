#pragma once

#include <algorithm>
#include <chrono>
#include <string_view>
#include <vector>

#include "billing/bill.h"

namespace billing {

/// Times the passes of a job: each ends where the next begins. One that comes again adds to its
/// time.
class PassTimer {
 public:
  explicit PassTimer(std::vector<PassTime>& passes) : passes_(passes) {}

  /// The time since the last call belongs to `name`.
  void passed(std::string_view name) {
    const auto now = std::chrono::steady_clock::now();
    const double wall_s = std::chrono::duration<double>(now - last_).count();
    const auto known = std::find_if(passes_.begin(), passes_.end(),
                                    [name](const PassTime& pass) { return pass.name == name; });
    if (known != passes_.end()) {
      known->wall_s += wall_s;
    } else {
      passes_.push_back({name, wall_s});
    }
    last_ = now;
  }

 private:
  std::vector<PassTime>& passes_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace billing
