#pragma once

// The periods that usage is kept apart by: cycles, cut at the instants of UsageKey::splits_ns.

#include <cstdint>

#include "billing/cycle_policy.h"
#include "billing/usage_key.h"

namespace billing {

/// Cycles whose numbers are periods. Immutable; any thread.
class Periods final : public CyclePolicy {
 public:
  /// `cycles` must outlive this.
  Periods(const CyclePolicy& cycles, UsageKey key);

  std::int64_t cycle_of(std::int64_t time_ns) const override;
  CycleSpan span_of(std::int64_t time_ns) const override;
  void append_label(std::int64_t period, std::string& out) const override;

 private:
  const CyclePolicy& cycles_;
  UsageKey key_;
};

}  // namespace billing
