// Lines compared with shapes, and made events, on processors with AVX2.

#include <immintrin.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/utf8.h"
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
  std::array<Text, kMostJsonFields + 1> texts;  // the last for what there is no field for
  texts.back() = {nullptr, 0};
  const auto take = [&](const JsonShape::Segment& segment, const char* value, std::size_t size) {
    const bool is_null = !segment.is_string && *value == 'n';
    texts[segment.field] = {value, is_null ? 0 : size};
  };
  const auto place = [](std::size_t field) {
    return field == EventRules::kNone ? kMostJsonFields : field;
  };
  const std::size_t status = place(rules.status);
  const std::size_t quantity = place(rules.quantity);
  JsonLines here = lines;  // a copy that nothing else can change
  std::size_t n = batch.size;
  for (; n < kEventBatchCapacity && here.offset_bytes + here.at >= kLeastBytesBefore; ++n) {
    const LikeLine found = find_like(shapes, here, take);
    if (found.shape == nullptr) break;
    for (const std::uint32_t field : found.shape->absent()) texts[field] = {nullptr, 0};
    if (!read_event(rules,
                    {texts[rules.time], texts[rules.user], texts[rules.task], texts[status],
                     texts[quantity]},
                    batch, n))
      break;
    batch.offset_bytes[n] = here.offset_bytes + here.at;
    here.pass(found.line_end, found.shape->end_count());
  }
  lines.at = here.at;
  lines.first_end = here.first_end;
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
