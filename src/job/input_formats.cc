#include "job/input_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "billing/choose_format.h"
#include "io/input_sample.h"
#include "partials/partial_header.h"
#include "select/where_expression.h"

namespace billing {

void check_max_record_bytes(const MediationOptions& options) {
  if (options.max_record_bytes < kMinRecordLimitBytes ||
      options.max_record_bytes > kMaxRecordLimitBytes) {
    throw std::invalid_argument(
        fmt::format("MediationOptions::max_record_bytes is {}, not {} to {}",
                    options.max_record_bytes, kMinRecordLimitBytes, kMaxRecordLimitBytes));
  }
}

void check_format(const InputFormat& format, const UsageOptions& usage) {
  const RecordFormat& settings = format.settings();
  const QuantityRules& decoded = settings.quantity;
  const QuantityRules& wanted = usage.quantity;
  if (decoded.unit != wanted.unit || decoded.digits != wanted.digits ||
      (decoded.negative && !wanted.negative)) {
    throw std::invalid_argument(fmt::format(
        "a format decodes quantities in {} with {} digits{}, but UsageOptions::quantity has {} "
        "with {}{}",
        decoded.unit, decoded.digits, decoded.negative ? ", negative ones too" : "", wanted.unit,
        wanted.digits, wanted.negative ? ", negative ones too" : ""));
  }
  const std::string where = joined_where(settings.where);
  if (where != joined_where(usage.where)) {
    throw std::invalid_argument("a format filters by `" + where +
                                "`, but UsageOptions::where is `" + joined_where(usage.where) +
                                "`");
  }
  if (!where.empty() && settings.timezone != usage.cycles.timezone) {
    throw std::invalid_argument("a format filters by times of " + settings.timezone +
                                ", but the cycles are of " + usage.cycles.timezone);
  }
}

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

/// All inputs are `text`: one format for all, also for the parts that a state takes inputs in.
InputFormats text_formats(const AggregateJob& job, const QuantityRules& quantity,
                          const std::vector<std::string>& where) {
  if (where.empty() && quantity.digits == 0) return InputFormats(job.mediation);
  RecordFormat format;
  format.where = where;
  format.timezone = job.format.timezone;
  format.quantity = quantity;
  return {job.mediation, {format}};
}

}  // namespace

InputFormats choose_input_formats(const AggregateJob& job, std::span<const Input> inputs,
                                  const std::function<void()>& checkpoint) {
  const bool is_text = job.format.format == "text" && !job.format.log_format &&
                       !job.format.has_mapping() && !job.format.quantity_digits;
  // Looked at first, as an input of nothing would not ask for them.
  for (const std::string& expression : job.format.where) parse_where(expression);
  if (job.source || job.mediation.decoder) return InputFormats(job.mediation);
  if (is_text || inputs.empty()) return text_formats(job, {}, job.format.where);
  std::vector<RecordFormat> records = choose_formats(job.format, inputs.size(), [&](std::size_t i) {
    SampleText text = sample_of(inputs[i], kSampleBytes, checkpoint);
    return InputSample{inputs[i].name(), std::move(text.bytes), text.is_whole};
  });
  const bool is_all_text =
      std::all_of(records.begin(), records.end(),
                  [](const RecordFormat& format) { return format.family == FormatFamily::text; });
  if (is_all_text) {
    // Inputs of nothing have no filters; a state may have records beside them.
    const bool has_records =
        job.state || std::any_of(records.begin(), records.end(),
                                 [](const RecordFormat& format) { return !format.where.empty(); });
    return text_formats(job, records.front().quantity,
                        has_records ? job.format.where : std::vector<std::string>());
  }
  return {job.mediation, std::move(records)};
}

}  // namespace billing
