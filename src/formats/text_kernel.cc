#include "formats/text_kernel.h"

namespace billing {
namespace {

/// Stands at its first record at once.
std::size_t take_nothing(TextCursor* /*cursors*/, EventBatch& /*batch*/) { return 0; }

constexpr TextKernels kScalarTextKernels = {take_nothing, take_nothing};

}  // namespace

const TextKernels& text_kernels(SimdLevel level) {
  switch (level) {
    case SimdLevel::scalar:
      return kScalarTextKernels;
#ifdef __x86_64__
    case SimdLevel::avx2:
      return avx2::kTextKernels;
    case SimdLevel::avx512:
      return avx512::kTextKernels;
#else
    case SimdLevel::avx2:
    case SimdLevel::avx512:
      break;  // no processor of this kind has them
#endif
  }
  __builtin_unreachable();
}

}  // namespace billing
