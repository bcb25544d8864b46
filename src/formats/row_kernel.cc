#include "formats/row_kernel.h"

namespace billing {

RowKernel row_kernel([[maybe_unused]] SimdLevel level) {
#ifdef __x86_64__
  if (level >= SimdLevel::avx2) return avx2::decode_rows;
#endif
  return nullptr;
}

}  // namespace billing
