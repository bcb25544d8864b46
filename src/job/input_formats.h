#pragma once

// How each input of a job is read.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "billing/mediate.h"
#include "formats/input_format.h"
#include "formats/text_format.h"
#include "io/input.h"

namespace billing {

/// Immutable after construction; may be asked by any number of threads.
class InputFormats {
 public:
  /// All alike.
  explicit InputFormats(MediationOptions options) : options_{std::move(options)} {}
  /// Each with a format of its own, by input, or one for all.
  InputFormats(const MediationOptions& options, std::vector<RecordFormat> records);

  const MediationOptions& options(std::size_t input) const {
    return options_[options_.size() == 1 ? 0 : input];
  }

  /// What was chosen; `text` where nothing was.
  const RecordFormat& records(std::size_t input) const {
    static const RecordFormat text;
    return records_.empty() ? text : records_[records_.size() == 1 ? 0 : input];
  }

  /// Of all inputs.
  QuantityRules quantity() const {
    return records_.empty() ? QuantityRules{} : records_[0].quantity;
  }

  /// For the summary. `input_count`: of the job.
  std::vector<FormatReport> report(std::size_t input_count) const;

  /// Lines, where a host decodes by itself.
  const InputFormat& format(std::size_t input) const {
    const auto& format = options(input).format;
    return format ? *format : *text_format();
  }

 private:
  std::vector<MediationOptions> options_;
  std::vector<RecordFormat> records_;  ///< none where all are `text` without filters and keys
};

/// How the inputs of a job are read, each as its first bytes tell, where nothing else was said.
/// Throws Error(configuration) where a format does not fit, or settings make no sense.
InputFormats choose_input_formats(const AggregateJob& job, std::span<const Input> inputs,
                                  const std::function<void()>& checkpoint);

}  // namespace billing
