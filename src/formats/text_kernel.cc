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
    case SimdLevel::avx2:
      return avx2::kTextKernels;
    case SimdLevel::avx512:
      return avx512::kTextKernels;
  }
  __builtin_unreachable();
}

}  // namespace billing
