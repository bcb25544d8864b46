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
  /// Of a named format (see named_formats.h), or `auto`: each input's is found out.
  std::string format = "text";
  std::optional<std::string> log_format;  ///< a definition, of the format `log`

  /// What stands around each line; nothing: found out for each input, together with its format.
  std::optional<Wrapper> unwrap = Wrapper::none;
  std::optional<LogStream> stream;  ///< of wrappers that have streams; none: stdout

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
  std::vector<Measure> measures;  ///< in place of the quantity: see RecordFormat::measures

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
  /// Which of their records are duplicates.
  DedupeSettings dedupe;

  /// What usage that inputs are added to is counted in, as that of a state. Its digits are kept.
  std::optional<QuantityRules> kept_quantity;
  /// The inputs are some of a job, whose others are settled elsewhere: a setting that none of these
  /// has a use for may be meant for those.
  bool are_some_of_job = false;

  /// Whether something is said that `text`, whose mapping is built in, has no use for.
  bool has_mapping() const;

  bool operator==(const FormatSettings&) const = default;
};

/// How many first bytes of an input are looked at.
inline constexpr std::size_t kSampleBytes = std::size_t{64} << 10;

/// The beginning of an input.
struct InputSample {
  std::string name;          ///< as messages call the input
  std::string bytes;         ///< decompressed; its first kSampleBytes, or all there are
  bool is_whole = false;     ///< nothing follows them
  bool is_of_lines = false;  ///< every record is a line, as of what is taken out of a wrapper

  // Of inputs that are read in steps, as with a state.
  /// How records of this input were read before; what is left open is chosen likewise.
  std::optional<RecordFormat> before = {};
  bool is_known = false;  ///< nothing more is read of it: `before` is its format
  bool may_grow = false;  ///< a last record without an end may be half a record
};

/// What a format of the table makes of an input's first records, by its default mapping or the one
/// that is said.
struct FormatCandidate {
  std::string_view name;      ///< always valid
  std::uint64_t events = 0;   ///< records that make one
  std::uint64_t records = 0;  ///< all but blanks and directives
  std::string problem;        ///< why it cannot be tried; empty where it was
};

/// A field that an input's first records have.
struct SeenField {
  std::string name;           ///< as selectors call it
  std::string example;        ///< what the first record that has it says, cut to 200 bytes
  std::uint64_t records = 0;  ///< that have it
};

/// How one input is read, and why.
struct FormatChoice {
  /// Nothing where no format fits; the members below `candidates` are filled in then.
  std::optional<RecordFormat> format;
  /// What the lines were taken out of before formats were tried.
  Wrapper wrapper = Wrapper::none;
  LogStream stream = LogStream::out;
  /// Nothing but blanks, or a header alone: any format fits, and any unit.
  bool has_no_records = false;
  /// Of a format that was to be found out, in the order of the table.
  std::vector<FormatCandidate> candidates;

  /// What to tell and to do: the text of an Error(configuration).
  std::string problem;
  /// The format whose form the records have, though their fields are not called as usual; or
  /// nothing.
  std::optional<RecordFormat> form;
  std::vector<SeenField> fields;     ///< of records of that form
  std::vector<std::string> missing;  ///< `time`, `user`, `quantity`: what no field is known for
  FieldMapping guess;  ///< by names and examples; a part is empty where no field looks
                       ///< so, `none` where the usual one does not
};

/// How an input that begins so is read. Throws Error(configuration) where a setting is wrong
/// whatever the input is.
FormatChoice choose_format(const FormatSettings& settings, const InputSample& sample);

/// Makes formats chosen apart those of one run: of all the same unit and the same number of digits,
/// which is the largest that one of them has by default. Throws Error(configuration) where units
/// differ, or a setting has no effect on any of them. `names` are the inputs'; each has a format.
void agree_on_formats(const FormatSettings& settings, std::span<const std::string> names,
                      std::span<FormatChoice> choices);

/// Of inputs, of which many are read alike.
struct ChosenFormats {
  std::vector<RecordFormat> formats;  ///< in the order in which inputs have them first
  std::vector<std::uint32_t> of_input;

  const RecordFormat& operator[](std::size_t input) const { return formats[of_input[input]]; }
};

/// How each of `input_count` inputs is read, of which `sample` gives the beginning, once each: what
/// choose_format() says, agreed upon. Throws Error(configuration) that says what was tried, where
/// no format fits an input, a setting makes no sense or has no effect, or units differ.
ChosenFormats choose_formats(const FormatSettings& settings, std::size_t input_count,
                             const std::function<InputSample(std::size_t input)>& sample);

/// Fields of an input's first records, of a format that is known.
std::vector<SeenField> fields_of(const RecordFormat& format, const InputSample& sample);

}  // namespace billing
