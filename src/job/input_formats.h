#pragma once

// How each input of a job is read.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "billing/aggregate.h"
#include "billing/mediate.h"
#include "formats/input_format.h"
#include "formats/text_format.h"
#include "io/input.h"

namespace billing {

/// Throws std::invalid_argument for MediationOptions::max_record_bytes out of its bounds.
void check_max_record_bytes(const MediationOptions& options);

/// Usage says what its quantities are and what its records had to fulfil; a format, what it decodes
/// to. Throws std::invalid_argument where they differ: the usage would not be what it says.
void check_format(const InputFormat& format, const UsageOptions& usage);

/// Immutable after construction; may be asked by any number of threads.
class InputFormats {
 public:
  /// `text` without filters, or what a host decodes by itself.
  explicit InputFormats(const MediationOptions& options);
  /// Of each input one of these; `of_input` is empty where all are the first.
  InputFormats(const MediationOptions& options, std::vector<RecordFormat> formats,
               std::vector<std::uint32_t> of_input);

  /// Those of these inputs, in this order.
  InputFormats of(const std::vector<std::size_t>& inputs) const;

  const MediationOptions& options(std::size_t input) const { return ready(input).options; }

  /// What was chosen; `text` where nothing was.
  const RecordFormat& records(std::size_t input) const { return ready(input).records; }

  /// Whether any input is taken out of a wrapper.
  bool has_wrappers() const;

  /// Of all inputs.
  QuantityRules quantity() const { return ready_->front().records.quantity; }

  /// For the summary. `input_count`: of the job.
  std::vector<FormatReport> report(std::size_t input_count) const;

  /// What to say of fields where no record at all makes an event; mostly nothing.
  const std::string& advice() const { return advice_; }
  void set_advice(std::string advice) { advice_ = std::move(advice); }

  /// Lines, where a host decodes by itself.
  const InputFormat& format(std::size_t input) const { return decoding_format(options(input)); }

 private:
  struct Ready {
    RecordFormat records;
    MediationOptions options;
  };

  const Ready& ready(std::size_t input) const {
    return (*ready_)[of_input_.empty() ? 0 : of_input_[input]];
  }

  std::shared_ptr<const std::vector<Ready>> ready_;  ///< at least one
  std::vector<std::uint32_t> of_input_;              ///< a place there; empty: all the first
  std::string advice_;
};

/// What a state knows of the inputs of a job.
struct KnownInputs {
  std::optional<QuantityRules> quantity;  ///< kept, whatever the inputs are
  std::function<bool(std::size_t input)> is_known;
  std::function<std::optional<RecordFormat>(std::size_t input)> format_before;
};

/// How the inputs of a job are read, each as its first bytes tell, where nothing else was said.
/// `known` with a state. Throws Error(configuration) where a format does not fit, or settings make
/// no sense.
InputFormats choose_input_formats(const AggregateJob& job, std::span<const Input> inputs,
                                  const std::function<void()>& checkpoint,
                                  const KnownInputs* known = nullptr);

}  // namespace billing
