#include "formats/text_kernel.h"

namespace billing {

const TextKernels& text_kernels() {
  static const TextKernels& best = __builtin_cpu_supports("avx512bw") &&
                                           __builtin_cpu_supports("avx512vl") &&
                                           __builtin_cpu_supports("bmi2")
                                       ? avx512::kTextKernels
                                       : sse2::kTextKernels;
  return best;
}

}  // namespace billing
