#pragma once

// How the records of an input are read, in full: its format, and which of its fields make a usage
// event. Nothing is left to be found out; see choose_format() for what the first bytes of an input
// tell.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/quantity.h"

namespace billing {

/// How records are cut and fields are found. Named formats (`combined`, `tsv`) are one of these
/// with settings of their own.
enum class FormatFamily : std::uint8_t {
  text,    ///< `time user task status NNNms`, which has its mapping built in
  web,     ///< lines by a definition, of a web server's configuration
  json,    ///< an object a line
  csv,     ///< delimited, quoted cells (RFC 4180)
  logfmt,  ///< `key=value` pairs
};

/// Which fields make an event: selectors, as docs/fields.md has them, e.g.
/// `remote_user,remote_addr` or `$request_method $path`.
struct FieldMapping {
  std::string time;
  std::string user;
  std::string task;
  std::string status;
  std::string quantity;

  bool operator==(const FieldMapping&) const = default;
};

/// What becomes of a quantity with more digits than are kept.
enum class ExcessDigits : std::uint8_t { reject, round };

/// Which records are one and the same (docs/duplicates.md).
struct DedupeSettings {
  /// `record`, or fields with commas: those of the event (`time`, `user`, `task`, `status`,
  /// `quantity`), all others as selectors. Empty: all records are billed.
  std::string by = {};
  bool keeps_largest = false;  ///< of one key the largest quantity stays, not the smallest event
  /// Records that lack a part of the key are billed, each for itself; else they are rejects.
  bool keeps_missing = false;

  bool operator==(const DedupeSettings&) const = default;
};

struct RecordFormat {
  std::string name = "text";  ///< as messages call it: `text`, `combined`, `csv`
  FormatFamily family = FormatFamily::text;

  // Of `web`.
  /// As it stands in the configuration of nginx (`$request_time`) or Apache (`%D`).
  std::string definition = {};

  // Of `csv`.
  char separator = ',';
  bool has_quotes = true;
  bool has_header = true;  ///< the input's first record that is not blank is no data
  /// Names by place. Of two equal ones the first counts.
  std::vector<std::string> columns = {};
  bool decimal_comma = false;                 ///< `1.234,56` is 1234.56
  std::optional<std::string> null_word = {};  ///< a cell that means missing

  // Of all but `text`.
  FieldMapping mapping = {};
  bool dash_is_missing = false;  ///< a field that is `-` is missing, as in all of `web`
  bool folds_ids = true;         ///< segments of a task's path that are ids become `{id}`
  std::vector<std::string> task_patterns = {};
  std::string input_timezone = "UTC";  ///< of times without an offset
  std::string timezone = "UTC";        ///< of the fields `date` and `hour`, and of times in `where`
  ExcessDigits excess_digits = ExcessDigits::reject;
  QuantityRules quantity = {};

  // Of all.
  /// What records must fulfil, as docs/filters.md has it; all others are `filtered`.
  std::vector<std::string> where = {};
  DedupeSettings dedupe = {};

  bool operator==(const RecordFormat&) const = default;
};

}  // namespace billing
