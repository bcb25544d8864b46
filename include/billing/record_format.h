#pragma once

// How the records of an input are read, in full: its format, and which of its fields make a usage
// event. Nothing is left to be found out; see choose_format() for what the first bytes of an input
// tell.

#include <cstddef>
#include <cstdint>
#include <iterator>
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
  json,    ///< objects: see JsonLayout
  csv,     ///< delimited, quoted cells (RFC 4180)
  logfmt,  ///< `key=value` pairs
  w3c,     ///< cells that `#Fields:` lines name, wherever they stand
};

/// What the formats of a family have in common. Whoever asks for more asks for the family itself.
struct FamilyTraits {
  FormatFamily family;
  std::string_view name;  ///< as states keep it: never changed
  bool is_of_servers;     ///< what servers are made to write: times are in milliseconds at best
  bool has_exponents;     ///< numbers may be written `1e3`
  bool has_cells;         ///< between RecordFormat::separator, which belongs to none of them
};
inline constexpr FamilyTraits kFamilyTraits[] = {
    {FormatFamily::text, "text", false, false, false},
    {FormatFamily::web, "web", true, false, false},
    {FormatFamily::json, "json", false, true, false},
    {FormatFamily::csv, "csv", false, true, true},
    {FormatFamily::logfmt, "logfmt", false, true, false},
    {FormatFamily::w3c, "w3c", true, false, true},
};
inline constexpr std::size_t kFormatFamilyCount = std::size(kFamilyTraits);
constexpr const FamilyTraits& traits_of(FormatFamily family) {
  return kFamilyTraits[static_cast<std::size_t>(family)];
}

/// Another name of a field, by which selectors and derived fields (docs/formats.md) find it.
struct FieldAlias {
  std::string name;
  std::string field;  ///< as selectors call it without the alias

  bool operator==(const FieldAlias&) const = default;
};

/// What stands around each line of a log, written there by what runs the program whose log it is.
enum class Wrapper : std::uint8_t {
  none,
  docker,   ///< JSON file logs of Docker: `{"log":"...\n","stream":"stdout","time":"..."}`
  cri,      ///< container logs of Kubernetes: `time stream F|P line`
  compose,  ///< `name | line`
  syslog,   ///< the headers of RFC 3164 and RFC 5424
};
inline constexpr std::string_view kWrapperNames[] = {"none", "docker", "cri", "compose", "syslog"};
inline std::string_view name_of(Wrapper wrapper) {
  return kWrapperNames[static_cast<std::size_t>(wrapper)];
}
/// Whether its lines say which stream of a program they come from.
inline bool has_streams(Wrapper wrapper) {
  return wrapper == Wrapper::docker || wrapper == Wrapper::cri;
}

/// Which lines of such a wrapper are read; all others are directives.
enum class LogStream : std::uint8_t { out, err, all };
inline constexpr std::string_view kLogStreamNames[] = {"stdout", "stderr", "all"};
inline std::string_view name_of(LogStream stream) {
  return kLogStreamNames[static_cast<std::size_t>(stream)];
}

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

/// One of several quantities of a record: its event is of the task `TASK.NAME`.
struct Measure {
  std::string name;      ///< as a task may be called
  std::string quantity;  ///< a selector, as FieldMapping::quantity

  bool operator==(const Measure&) const = default;
};

/// So many at most: the events of a record stand in one batch.
inline constexpr std::size_t kMaxMeasures = 64;

/// What becomes of a quantity with more digits than are kept.
enum class ExcessDigits : std::uint8_t { reject, round };

/// Where the records of JSON stand.
enum class JsonLayout : std::uint8_t {
  lines,    ///< an object a line
  array,    ///< the input is one array of objects
  objects,  ///< objects, one after the other, over several lines
};

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

  // Of `json`.
  /// In all but lines a broken record ends the input: nothing behind it is read.
  JsonLayout layout = JsonLayout::lines;

  // Of `csv` and `w3c`.
  char separator = ',';
  /// Names by place. Of two equal ones the first counts. Of `w3c` those that hold before the first
  /// `#Fields:`; none where only that tells.
  std::vector<std::string> columns = {};

  // Of `csv`.
  bool has_quotes = true;
  bool has_header = true;      ///< the input's first record that is not blank is no data
  bool decimal_comma = false;  ///< `1.234,56` is 1234.56

  // Of `w3c`.
  /// All that the `#Fields:` of the input's beginning name, and `columns`: what may be asked for.
  std::vector<std::string> seen_columns = {};

  // Of all but `text`.
  FieldMapping mapping = {};
  /// In place of mapping.quantity, which is empty then: an event for each that a record has and
  /// that is not 0. Of distinct names.
  std::vector<Measure> measures = {};
  /// A field that is one of these is missing, as an empty one is. Of `web`, `-` is even where it is
  /// not listed.
  std::vector<std::string> missing_words = {};
  std::vector<FieldAlias> aliases = {};
  /// Which records are meant, as `where` has it, of fields alone: all others are directives. Empty:
  /// all.
  std::string meant_records = {};
  bool folds_ids = true;  ///< segments of a task's path that are ids become `{id}`
  std::vector<std::string> task_patterns = {};
  std::string input_timezone = "UTC";  ///< of times without an offset
  std::string timezone = "UTC";        ///< of the fields `date` and `hour`, and of times in `where`
  ExcessDigits excess_digits = ExcessDigits::reject;
  QuantityRules quantity = {};

  // Of all.
  Wrapper wrapper = Wrapper::none;    ///< taken off before records are cut
  LogStream stream = LogStream::out;  ///< of a wrapper that has streams
  /// What records must fulfil, as docs/filters.md has it; all others are `filtered`.
  std::vector<std::string> where = {};
  DedupeSettings dedupe = {};

  // Of all but `text`, without measures.
  /// Fields that stand beside the event of each record (EventBatch::kept): selectors as
  /// FieldMapping::user may be. A record that has an object or a list there is a reject.
  std::vector<std::string> kept_fields = {};

  bool operator==(const RecordFormat&) const = default;

  /// Lines that have their mapping built in.
  bool is_text() const { return family == FormatFamily::text; }
  /// Of `w3c`, whether no line has named the columns yet: then there are no fields.
  bool lacks_columns() const { return family == FormatFamily::w3c && seen_columns.empty(); }
};

/// Fields that selectors may ask for by name: of a table its columns, of a web server's log those
/// of its definition and what is derived of them. Nothing of other formats: only records tell.
std::vector<std::string> field_names(const RecordFormat& format);

}  // namespace billing
