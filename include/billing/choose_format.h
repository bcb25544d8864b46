#pragma once

// From what a user says of formats, and what inputs begin with, to how each input is read.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "billing/record_format.h"

namespace billing {

/// What is said; all else is each format's default.
struct FormatSettings {
  /// Of a named format (see named_formats()), or `auto`: each input's is found out.
  std::string format = "text";
  std::optional<std::string> log_format;  ///< a definition, of the format `log`

  std::optional<char> separator;
  std::optional<bool> has_quotes;
  bool has_header = true;
  std::vector<std::string> columns;  ///< of a table without a header
  bool decimal_comma = false;
  std::optional<std::string> null_word;

  std::optional<std::string> time;
  std::optional<std::string> user;
  std::optional<std::string> task;
  std::optional<std::string> status;
  std::optional<std::string> quantity;

  bool folds_ids = true;
  std::vector<std::string> task_patterns;
  std::string timezone = "UTC";
  std::optional<std::string> input_timezone;  ///< none: that of the format, or else `timezone`

  std::optional<std::string> unit;
  std::optional<int> quantity_digits;
  bool negative = false;
  ExcessDigits excess_digits = ExcessDigits::reject;

  /// What the records of all inputs must fulfil: see RecordFormat::where.
  std::vector<std::string> where;

  /// Whether something is said that `text`, whose mapping is built in, has no use for.
  bool has_mapping() const;
};

/// How many first bytes of an input are looked at.
inline constexpr std::size_t kSampleBytes = std::size_t{64} << 10;

/// The beginning of an input.
struct InputSample {
  std::string name;       ///< as messages call the input
  std::string bytes;      ///< decompressed; its first kSampleBytes, or all there are
  bool is_whole = false;  ///< nothing follows them
};

/// How each of `input_count` inputs is read, of which `sample` gives the beginning, once each: of
/// all the same unit and the same number of digits, which is the largest that one of them has by
/// default. Throws Error(configuration) that says what was tried, where no format fits an input, a
/// setting makes no sense or has no effect, or units differ.
std::vector<RecordFormat> choose_formats(
    const FormatSettings& settings, std::size_t input_count,
    const std::function<InputSample(std::size_t input)>& sample);

/// What `billing formats` shows.
struct NamedFormat {
  std::string_view name;
  FormatFamily family;
  std::string_view purpose;
  std::string_view definition;  ///< of `web`
  std::string_view example;     ///< the first lines of an input
};

/// `text`, `combined`, `json` ...: all that FormatSettings::format may name, but `auto`.
std::span<const NamedFormat> named_formats();

}  // namespace billing
