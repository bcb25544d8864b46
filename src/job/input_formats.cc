#include "job/input_formats.h"

#include <algorithm>
#include <string>
#include <utility>

#include "billing/choose_format.h"
#include "io/input_sample.h"
#include "select/where_expression.h"

namespace billing {

InputFormats::InputFormats(const MediationOptions& options, std::vector<RecordFormat> records)
    : records_(std::move(records)) {
  for (std::size_t i = 0; i < records_.size(); ++i) {
    options_.push_back(options);
    const bool is_repeated = i > 0 && records_[i] == records_[i - 1];
    options_.back().format = is_repeated ? options_[i - 1].format : make_input_format(records_[i]);
  }
}

std::vector<FormatReport> InputFormats::report(std::size_t input_count) const {
  std::vector<FormatReport> reports;
  for (std::size_t i = 0; i < input_count; ++i) {
    const RecordFormat& format = records(i);
    const auto known =
        std::find_if(reports.begin(), reports.end(),
                     [&format](const FormatReport& report) { return report.format == format; });
    if (known != reports.end()) {
      ++known->inputs;
    } else if (reports.size() < kMaxReported) {
      reports.push_back({format, 1});
    }
  }
  return reports;
}

namespace {

/// All inputs are `text`.
InputFormats text_formats(const AggregateJob& job, const std::vector<std::string>& where,
                          const DedupeSettings& dedupe) {
  if (where.empty() && dedupe.by.empty()) return InputFormats(job.mediation);
  RecordFormat format;
  format.where = where;
  format.dedupe = dedupe;
  format.timezone = job.format.timezone;
  return {job.mediation, {format}};
}

}  // namespace

InputFormats choose_input_formats(const AggregateJob& job, std::span<const Input> inputs,
                                  const std::function<void()>& checkpoint) {
  const bool is_text = job.format.format == "text" && !job.format.log_format &&
                       !job.format.has_mapping() && !job.format.quantity_digits;
  // Looked at first, as an input of nothing would not ask for them.
  for (const std::string& expression : job.format.where) parse_where(expression);
  if (job.source) return InputFormats(job.mediation);
  if (is_text || inputs.empty()) return text_formats(job, job.format.where, job.format.dedupe);
  std::vector<RecordFormat> records = choose_formats(job.format, inputs.size(), [&](std::size_t i) {
    SampleText text = sample_of(inputs[i], kSampleBytes, checkpoint);
    return InputSample{inputs[i].name(), std::move(text.bytes), text.is_whole};
  });
  const bool is_all_text =
      std::all_of(records.begin(), records.end(),
                  [](const RecordFormat& format) { return format.family == FormatFamily::text; });
  if (is_all_text && records.front().quantity.digits == 0) {
    // Inputs of nothing have neither filters nor keys; a state may have records beside them.
    const bool has_records =
        job.state || std::any_of(records.begin(), records.end(), [](const RecordFormat& format) {
          return !format.where.empty() || !format.dedupe.by.empty();
        });
    if (!has_records) return InputFormats(job.mediation);
    return text_formats(job, job.format.where, job.format.dedupe);
  }
  return {job.mediation, std::move(records)};
}

}  // namespace billing
