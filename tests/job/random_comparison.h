#pragma once

// What comparisons over inputs that chance makes have in common.

#include <cstdlib>
#include <optional>
#include <random>
#include <vector>

#include "engine_comparison.h"

namespace billing {

/// How many rounds a comparison takes: more of them find what is rare.
inline int rounds_or(int usual) {
  const char* const asked = std::getenv("BILLING_ROUNDS");
  return asked == nullptr ? usual : std::atoi(asked);
}

/// Jobs that go on whatever is rejected.
class RandomComparison : public EngineComparison {
 protected:
  RandomComparison() {
    job.unrated = UnratedPolicy::zero;
    job.reject_limit = RejectLimit{std::nullopt, Uint128{100} * 1'000'000'000'000};
  }

  std::size_t below(std::size_t limit) { return random_() % limit; }
  template <class Any>
  const Any& one_of(const std::vector<Any>& all) {
    return all[below(all.size())];
  }

  std::mt19937_64 random_;
};

}  // namespace billing
