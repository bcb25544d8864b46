#pragma once

// The second count of a run's records: by line ends alone, apart from all decoders, so that one
// that passes records over, or takes some twice, is found out.

#include <cstdint>
#include <string_view>

#include "billing/simd_level.h"

namespace billing {

/// Lines in whole records (see RecordBytes); the last may lack its end. `simd` is a level that this
/// processor has.
std::uint64_t count_lines(std::string_view bytes, SimdLevel simd);

/// How often a byte stands among others.
std::uint64_t count_byte(std::string_view bytes, char byte, SimdLevel simd);

}  // namespace billing
