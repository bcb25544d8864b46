#pragma once

// Which vector instructions to use: the best that the processor has, or fewer of them where the
// environment variable BILLING_SIMD says so (to test and to compare; results are the same).

#include <string>
#include <string_view>
#include <vector>

namespace billing {

/// Each includes those before it. `scalar` runs on every processor.
enum class SimdLevel { scalar, avx2, avx512 };

std::string_view name_of(SimdLevel level);

/// Those that this processor has, in rising order.
const std::vector<SimdLevel>& available_simd_levels();

struct SimdChoice {
  SimdLevel level;
  std::string mistake;  ///< what is wrong with the value of BILLING_SIMD, if anything is
};

/// Made at the first call; the same from then on. The best level where there is a mistake.
const SimdChoice& simd_choice();

}  // namespace billing
