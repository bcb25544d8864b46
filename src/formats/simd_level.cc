#include "billing/simd_level.h"

namespace billing {
namespace {

#ifdef __x86_64__
std::vector<SimdLevel> detect() {
  std::vector<SimdLevel> levels{SimdLevel::scalar};
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
      !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("pclmul")) {
    return levels;
  }
  levels.push_back(SimdLevel::avx2);
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
    levels.push_back(SimdLevel::avx512);
  return levels;
}
#else
std::vector<SimdLevel> detect() { return {SimdLevel::scalar}; }
#endif

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

}  // namespace billing
