// Lines compared with shapes on any processor.

#include "formats/json_kernel.h"

#include <cstring>

#include "formats/json_text.h"
#include "mapping/digit_word.h"

namespace billing {
namespace {

class Difference {
 public:
  void add(const char* at, const JsonShape::Part& part) {
    for (std::size_t i = 0; i < JsonShape::kPartBytes; i += sizeof(std::uint64_t)) {
      const auto there = digit_word::load<std::uint64_t>(at + i);
      const auto bytes = digit_word::load<std::uint64_t>(part.bytes.data() + i);
      differs_ |= (there ^ bytes) & digit_word::load<std::uint64_t>(part.mask.data() + i);
    }
  }
  bool is_none() const { return differs_ == 0; }

 private:
  std::uint64_t differs_ = 0;
};

#include "formats/json_kernel.inc"

constexpr JsonKernels kPortableJsonKernels = {match, nullptr};

}  // namespace

const JsonKernels& json_kernels([[maybe_unused]] SimdLevel level) {
#ifdef __x86_64__
  if (level >= SimdLevel::avx2) return avx2::kJsonKernels;
#endif
  return kPortableJsonKernels;
}

}  // namespace billing
