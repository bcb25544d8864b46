#include "choose/format_trial.h"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

#include "billing/mediate.h"
#include "formats/input_format.h"
#include "formats/json_documents.h"

namespace billing {

InputSample first_records(const InputSample& sample) {
  constexpr std::size_t kMaxLines = 1000;
  const std::string_view bytes = sample.bytes;
  if (!sample.is_of_lines && json_layout_of(bytes) != JsonLayout::lines) return sample;
  std::size_t end = 0;
  for (std::size_t line = 0; line < kMaxLines; ++line) {
    const std::size_t newline = bytes.find('\n', end);
    if (newline == std::string_view::npos) {
      if (sample.is_whole) end = bytes.size();
      break;
    }
    end = newline + 1;
  }
  return {sample.name, std::string(bytes.substr(0, end)), sample.is_whole && end == bytes.size(),
          sample.is_of_lines};
}

Fit try_on(const RecordFormat& format, const InputSample& sample) {
  const auto ready = make_input_format(format);
  std::string_view bytes = sample.bytes;
  if (!sample.is_whole) {
    // A line end may stand within a record.
    const std::size_t end = ready->make_cutter(true, kDefaultMaxRecordBytes)->last_end(bytes, 0);
    bytes = bytes.substr(0, end == RecordCutter::kNone ? 0 : end);
  }
  Fit fit;
  const auto batch = std::make_unique<EventBatch>();
  MediationOptions options;
  options.format = ready;
  const MediationCounts counts = mediate(
      {bytes, bytes.size(), true, nullptr}, options, *batch, [](EventBatch&) {},
      [&fit](const Reject& reject) {
        if (!fit.first_reject || reject.offset_bytes < fit.first_reject->offset_bytes)
          fit.first_reject = reject;
        if (reject.length_bytes == 0) return;
        fit.reached += std::min(
            1.0, static_cast<double>(reject.column - 1) / static_cast<double>(reject.length_bytes));
      });
  fit.events = counts.events - counts.further_events;
  fit.records = counts.records - counts.blanks - counts.directives;
  fit.directives = counts.directives;
  return fit;
}

}  // namespace billing
