#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// The first tasks that any meter of a run has met. All its meters number them alike, so that sums
/// which stand by these numbers can be added up place by place. Any thread.
class FirstTasks {
 public:
  static constexpr std::size_t kMax = 6;

  /// The first tasks so far, in their order. `task` becomes one of them where there is room.
  std::vector<std::string> with(std::string_view task);

 private:
  std::mutex mutex_;
  std::vector<std::string> tasks_;
};

}  // namespace billing
