// The row kernel, for processors with AVX2.

#include <immintrin.h>

#include <array>
#include <cstring>
#include <string_view>

#include "base/utf8.h"
#include "billing/mediate.h"
#include "formats/month_table.h"
#include "formats/row_kernel.h"
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

#include "formats/event_kernel.inc"
static_assert(kRowReachBytes >= kTextReachBytes);

/// A row, by the ends of its cells (see CsvIndex).
struct Cells {
  const char* window;
  const std::uint32_t* ends;
  std::size_t cr_cell;  ///< the last cell, where a CR stands before the line end; else none

  Text cell(std::size_t i) const {
    const std::uint32_t begin = *(ends + i - 1) + 1;  // of 32 bits, so that 0 follows the largest
    return {window + begin, ends[i] - begin - (i == cr_cell ? 1U : 0U)};
  }
};

/// Whether a text holds a quote, or is longer than can be told.
inline bool may_hold_quote(Text text) {
  const auto quotes = [](const char* at) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    return static_cast<std::uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"'))));
  };
  if (text.size > kTextReachBytes) return true;
  const std::uint64_t found = quotes(text.begin) | std::uint64_t{quotes(text.begin + 32)} << 32;
  return _bzhi_u64(found, static_cast<unsigned>(text.size)) != 0;
}

/// Takes a cell's quotes off; false where one stands for another one. As the row is not odd, a cell
/// that begins with a quote ends with one.
inline bool unquote(Text& cell) {
  if (cell.size < 2 || *cell.begin != '"') return true;
  cell = {cell.begin + 1, cell.size - 2};
  return !may_hold_quote(cell);
}

inline bool unquote(EventTexts& texts) {
  return unquote(texts.time) && unquote(texts.user) && unquote(texts.task) &&
         unquote(texts.status) && unquote(texts.quantity);
}

}  // namespace

void decode_rows(const RowRules& rules, Rows& rows, EventBatch& batch) {
  constexpr std::size_t kLeastBytesBefore = 8;  // what a text's reader may look back
  std::size_t n = batch.size;
  std::size_t next = rows.next;
  std::size_t first_cell = rows.record_ends[next - 1] + 1;
  for (; next < rows.count && n < kEventBatchCapacity; ++next, ++n) {
    const std::size_t last_cell = rows.record_ends[next];
    const std::uint32_t* const ends = rows.cell_ends + first_cell;
    const std::size_t begin = *(ends - 1) + 1;
    const std::size_t end = rows.cell_ends[last_cell];
    if (last_cell - first_cell + 1 != rules.width || end >= rows.end ||
        end - begin >= kMinRecordLimitBytes || begin < kLeastBytesBefore) [[unlikely]]
      break;
    const bool has_cr = rows.window[end - 1] == '\r';
    const Cells row{rows.window, ends, has_cr ? rules.width - 1 : rules.width};
    EventTexts texts{row.cell(rules.time), row.cell(rules.user), row.cell(rules.task),
                     row.cell(rules.status), row.cell(rules.quantity)};
    const bool is_quoted = (*texts.user.begin == '"') | (*texts.task.begin == '"');
    if (is_quoted && rules.has_quotes && !unquote(texts)) [[unlikely]]
      break;
    if (!read_event(rules.event, texts, batch, n)) [[unlikely]]
      break;
    batch.offset_bytes[n] = rows.offset_bytes + begin;
    first_cell = last_cell + 1;
  }
  rows.next = next;
  batch.size = n;
}

}  // namespace billing::avx2

#ifdef __clang__
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif
