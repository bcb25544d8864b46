#include "base/simd_level.h"

#include <cstdlib>

#include "base/escape_text.h"

namespace billing {
namespace {

std::vector<SimdLevel> detect() {
  std::vector<SimdLevel> levels{SimdLevel::scalar};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2"))
    levels.push_back(SimdLevel::avx2);
  if (levels.back() == SimdLevel::avx2 && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl")) {
    levels.push_back(SimdLevel::avx512);
  }
  return levels;
}

SimdChoice choose(const char* wish) {
  const std::vector<SimdLevel>& available = available_simd_levels();
  if (wish == nullptr) return {available.back(), {}};
  std::string names;
  for (const SimdLevel level : available) {
    if (name_of(level) == wish) return {level, {}};
    if (!names.empty()) names += ", ";
    names += name_of(level);
  }
  return {available.back(), "BILLING_SIMD=" + quoted_text(wish) + ": this processor has: " + names};
}

}  // namespace

std::string_view name_of(SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return "scalar";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
  }
  __builtin_unreachable();
}

const std::vector<SimdLevel>& available_simd_levels() {
  static const std::vector<SimdLevel> levels = detect();
  return levels;
}

const SimdChoice& simd_choice() {
  static const SimdChoice choice = choose(std::getenv("BILLING_SIMD"));
  return choice;
}

}  // namespace billing
