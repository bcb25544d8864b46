#include "job/input_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/escape_text.h"
#include "billing/choose_format.h"
#include "billing/error.h"
#include "choose/unfit_input.h"
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
  if (settings.wrapper != Wrapper::none) {
    throw std::invalid_argument(
        "a format of records is given no wrapper: only inputs of files are "
        "taken out of theirs");
  }
  if (!where.empty() && settings.timezone != usage.cycles.timezone) {
    throw std::invalid_argument("a format filters by times of " + settings.timezone +
                                ", but the cycles are of " + usage.cycles.timezone);
  }
}

InputFormats::InputFormats(const MediationOptions& options) {
  auto ready = std::make_shared<std::vector<Ready>>(1);
  ready->front().options = options;
  ready_ = std::move(ready);
}

InputFormats::InputFormats(const MediationOptions& options, std::vector<RecordFormat> formats,
                           std::vector<std::uint32_t> of_input)
    : of_input_(std::move(of_input)) {
  auto ready = std::make_shared<std::vector<Ready>>();
  for (RecordFormat& format : formats) {
    ready->push_back({std::move(format), options});
    ready->back().options.format = make_input_format(ready->back().records);
  }
  ready_ = std::move(ready);
}

InputFormats InputFormats::of(const std::vector<std::size_t>& inputs) const {
  InputFormats some = *this;
  if (of_input_.empty()) return some;
  some.of_input_.clear();
  // None of an empty list is asked for.
  for (const std::size_t input : inputs) some.of_input_.push_back(of_input_[input]);
  return some;
}

bool InputFormats::has_wrappers() const {
  return std::any_of(ready_->begin(), ready_->end(),
                     [](const Ready& ready) { return ready.records.wrapper != Wrapper::none; });
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
                          const std::vector<std::string>& where, const DedupeSettings& dedupe) {
  if (where.empty() && dedupe.by.empty() && quantity == QuantityRules{})
    return InputFormats(job.mediation);
  RecordFormat format;
  format.where = where;
  format.dedupe = dedupe;
  format.timezone = job.format.timezone;
  format.quantity = quantity;
  return {job.mediation, {format}, {}};
}

/// The inputs' beginnings, each asked for once.
std::function<InputSample(std::size_t)> samples_of(std::span<const Input> inputs,
                                                   const std::function<void()>& checkpoint,
                                                   const KnownInputs* known) {
  return [=](std::size_t i) {
    InputSample sample{inputs[i].name(), "", false};
    if (known != nullptr) {
      sample.before = known->format_before(i);
      sample.is_known = sample.before && known->is_known(i);
      sample.may_grow = true;
    }
    if (sample.is_known) return sample;
    SampleText text = sample_of(inputs[i], kSampleBytes, checkpoint);
    sample.bytes = std::move(text.bytes);
    sample.is_whole = text.is_whole;
    return sample;
  };
}

}  // namespace

InputFormats choose_input_formats(const AggregateJob& job, std::span<const Input> inputs,
                                  const std::function<void()>& checkpoint,
                                  const KnownInputs* known) {
  const bool is_kept_as_text =
      known == nullptr || known->quantity.value_or(QuantityRules{}) == QuantityRules{};
  const bool is_text = job.format.format == "text" && !job.format.log_format &&
                       !job.format.has_mapping() && !job.format.quantity_digits &&
                       is_kept_as_text && job.format.unwrap == Wrapper::none;
  // Looked at first, as an input of nothing would not ask for them.
  for (const std::string& expression : job.format.where) parse_where(expression);
  if (job.source || job.mediation.decoder) return InputFormats(job.mediation);
  const DedupeSettings& dedupe = job.format.dedupe;
  // Nothing is read; last lines have the formats of their logs.
  if (inputs.empty() && known != nullptr)
    return text_formats(job, known->quantity.value_or(QuantityRules{}), {}, {});
  if (is_text || inputs.empty()) return text_formats(job, {}, job.format.where, dedupe);
  FormatSettings settings = job.format;
  if (known != nullptr) settings.kept_quantity = known->quantity;
  const auto sample = samples_of(inputs, checkpoint, known);
  InputSample first;  // that holds anything
  std::size_t first_input = 0;
  ChosenFormats chosen = choose_formats(settings, inputs.size(), [&](std::size_t i) {
    InputSample own = sample(i);
    if (first.bytes.empty() && !own.bytes.empty()) {
      first = own;
      first_input = i;
    }
    return own;
  });
  const std::vector<RecordFormat>& records = chosen.formats;
  const bool is_all_text =
      std::all_of(records.begin(), records.end(), [](const RecordFormat& format) {
        return format.is_text() && format.wrapper == Wrapper::none;
      });
  if (is_all_text) {
    // Inputs of nothing have neither filters nor keys.
    const bool has_records =
        std::any_of(records.begin(), records.end(), [](const RecordFormat& format) {
          return !format.where.empty() || !format.dedupe.by.empty();
        });
    if (!has_records) return text_formats(job, records.front().quantity, {}, {});
    return text_formats(job, records.front().quantity, job.format.where, dedupe);
  }
  std::string advice = describe_fields_to_name(chosen[first_input], first);
  InputFormats formats(job.mediation, std::move(chosen.formats), std::move(chosen.of_input));
  formats.set_advice(std::move(advice));
  return formats;
}

}  // namespace billing
