// Lines compared with shapes, and made events, on processors with AVX2.

#include <immintrin.h>

#include <array>
#include <cstring>
#include <string_view>

#include "formats/json_kernel.h"
#include "formats/json_text.h"
#include "formats/month_table.h"
#include "mapping/digit_word.h"
#include "mapping/status_reader.h"

#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx2,bmi,bmi2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2,bmi,bmi2")
#endif

namespace billing::avx2 {
namespace {

class Difference {
 public:
  Difference() : differs_(_mm256_setzero_si256()) {}

  void add(const char* at, const JsonShape::Part& part) {
    const __m256i there = load_32(at);
    const __m256i differs = _mm256_xor_si256(there, load_32(part.bytes.data()));
    differs_ = _mm256_or_si256(differs_, _mm256_and_si256(differs, load_32(part.mask.data())));
  }
  bool is_none() const { return _mm256_testz_si256(differs_, differs_) != 0; }

 private:
  static __m256i load_32(const char* at) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
  }

  __m256i differs_;
};

#include "formats/event_kernel.inc"
#include "formats/json_kernel.inc"

static_assert(kJsonReachBytes >= kTextReachBytes && kJsonReachBytes >= JsonShape::kMaxLiteralBytes);

void decode(JsonShapes& shapes, const EventRules& rules, JsonLines& lines, EventBatch& batch) {
  constexpr std::size_t kLeastBytesBefore = 8;  // what a text's reader may look back
  std::array<Text, kMostJsonFields> texts;
  const auto take = [&](const JsonShape::Segment& segment, const char* value, std::size_t size) {
    const bool is_null = !segment.is_string && *value == 'n';
    texts[segment.field] = {value, is_null ? 0 : size};
  };
  const auto text = [&](std::size_t field) {
    return field == EventRules::kNone ? Text{nullptr, 0} : texts[field];
  };
  std::size_t n = batch.size;
  for (; n < kEventBatchCapacity; ++n) {
    const std::size_t at = lines.at;
    const std::size_t first_end = lines.first_end;
    const std::uint64_t offset_bytes = lines.offset_bytes + at;
    if (offset_bytes < kLeastBytesBefore) break;
    const JsonShape* const shape = pass_line(shapes, lines, take);
    if (shape == nullptr) break;
    for (const std::uint32_t field : shape->absent()) texts[field] = {nullptr, 0};
    const EventTexts found{text(rules.time), text(rules.user), text(rules.task), text(rules.status),
                           text(rules.quantity)};
    if (!read_event(rules, found, batch, n)) {
      lines.at = at;
      lines.first_end = first_end;
      break;
    }
    batch.offset_bytes[n] = offset_bytes;
  }
  batch.size = n;
}

}  // namespace

const JsonKernels kJsonKernels = {match, decode};

}  // namespace billing::avx2

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
