#pragma once

// Finds the cycle of an instant without asking the policy each time: remembers the spans that the
// policy returned in two direct-mapped tables, one for long spans (days and longer), one for short
// ones.

#include <cstdint>
#include <limits>
#include <vector>

#include "billing/cycle_policy.h"

namespace billing {

/// One per thread.
class CycleIndex {
 public:
  explicit CycleIndex(const CyclePolicy& policy) : policy_(policy) {}

  std::int64_t cycle_of(std::int64_t time_ns) {
    const auto time = static_cast<std::uint64_t>(time_ns);
    CycleSpan& coarse = coarse_[(time >> kCoarseBits) % kCoarseSpans];
    if (time_ns >= coarse.begin_ns && time_ns < coarse.end_ns) return coarse.cycle;
    CycleSpan& fine = fine_[(time >> kFineBits) % kFineSpans];
    if (time_ns < fine.begin_ns || time_ns >= fine.end_ns) {
      fine = coarse = policy_.span_of(time_ns);
    }
    return fine.cycle;
  }

 private:
  static constexpr CycleSpan kNever{std::numeric_limits<std::int64_t>::max(),
                                    std::numeric_limits<std::int64_t>::min(), 0};
  static constexpr unsigned kCoarseBits = 46;  // 19.5 hours
  static constexpr unsigned kFineBits = 40;    // 18 minutes
  static constexpr std::size_t kCoarseSpans = 512;
  static constexpr std::size_t kFineSpans = 8192;

  const CyclePolicy& policy_;
  std::vector<CycleSpan> coarse_ = std::vector<CycleSpan>(kCoarseSpans, kNever);
  std::vector<CycleSpan> fine_ = std::vector<CycleSpan>(kFineSpans, kNever);
};

}  // namespace billing
