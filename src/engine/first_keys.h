#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// What sums of a user are told apart by.
struct SumKey {
  std::int64_t cycle = 0;  ///< 0 where cycles are not grouped by
  std::string task;
};

/// The first keys that any meter of a run has met. All its meters place them alike, so that sums
/// which stand at these places can be added up place by place. Any thread.
class FirstKeys {
 public:
  static constexpr std::uint32_t kMax = 6;

  /// The place of a key, which takes the next one where it has none yet; kMax where all are taken.
  std::uint32_t place_of(std::int64_t cycle, std::string_view task);

  /// By place.
  std::vector<SumKey> keys() const;

 private:
  mutable std::mutex mutex_;
  std::vector<SumKey> keys_;
};

}  // namespace billing
