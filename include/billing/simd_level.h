#pragma once

// Which vector instructions to decode with. Results are the same at every level.

#include <string_view>
#include <vector>

namespace billing {

/// Each includes those before it. `scalar` runs on every processor.
enum class SimdLevel { scalar, avx2, avx512 };

/// `scalar`, `avx2` or `avx512`.
std::string_view name_of(SimdLevel level);

/// The levels that this processor has, in rising order; never empty.
const std::vector<SimdLevel>& available_simd_levels();

inline SimdLevel best_simd_level() { return available_simd_levels().back(); }

}  // namespace billing
