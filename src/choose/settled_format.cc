#include "choose/settled_format.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "base/text_lines.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/named_formats.h"
#include "choose/default_mapping.h"
#include "choose/own_mapping.h"
#include "choose/seen_fields.h"
#include "formats/csv_header.h"
#include "formats/fields_lines.h"
#include "formats/json_documents.h"
#include "formats/web_definition.h"

namespace billing {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kLog = "log";

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::configuration, message);
}

/// Whether all lines are blank or begin with `#`.
bool are_directives(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  while (!bytes.empty()) {
    const std::string_view line = next_line(bytes);
    if (!line.starts_with('#') && line.find_first_not_of(" \t\r") != std::string_view::npos)
      return false;
  }
  return true;
}

const NamedFormat* find_format(std::string_view name) {
  const auto formats = named_formats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [name](const NamedFormat& row) { return row.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

class FormatSettler {
 public:
  explicit FormatSettler(const FormatSettings& settings) : settings_(settings) {}

  RecordFormat named(const NamedFormat& row, const InputSample& sample) const {
    if (row.family == FormatFamily::text) {
      if (settings_.has_mapping()) {
        fail(
            "\1format text: its lines are `time user task status NNNms`; options that say which "
            "field is which belong to other formats");
      }
      return {};
    }
    RecordFormat format;
    format.name = row.name;
    format.family = row.family;
    format.aliases = aliases_of(row);
    format.missing_words = words_of(row.missing_words);
    format.meant_records = row.meant_records;
    if (row.family == FormatFamily::web) return with_definition(format, row);
    if (row.family == FormatFamily::w3c) return with_fields_lines(format, row, sample);
    if (row.family == FormatFamily::csv) {
      set_table(format, row.name == "tsv", sample);
      // A table of no rows, not even a header, has nothing that could be wrong.
      if (format.columns.empty()) return {};
      format.mapping = named_mapping(&format.columns);
    } else {
      format.mapping = named_mapping(nullptr);
      if (row.family == FormatFamily::json && !sample.is_of_lines)
        format.layout = json_layout_of(sample.bytes);
      // Decided once for an input, as its unit is.
      const auto has = [&](std::string_view field) {
        return has_value(format, sample.bytes, field);
      };
      if (row.quantity.empty())
        format.mapping.quantity = has("duration_ms") ? "duration_ms" : "quantity";
      set_own_mapping(format.mapping, row, has);
    }
    finish(format);
    return format;
  }

  /// Of the format `log`.
  RecordFormat pasted(const std::string& definition) const {
    RecordFormat format;
    format.name = kLog;
    format.family = FormatFamily::web;
    format.definition = definition;
    format.mapping = web_mapping(parse_web_definition(definition));
    finish(format);
    return format;
  }

 private:
  RecordFormat with_definition(RecordFormat format, const NamedFormat& row) const {
    format.definition = row.definition;
    format.mapping = web_mapping(parse_web_definition(format.definition));
    set_own_mapping(format.mapping, row, [](std::string_view) { return true; });
    finish(format);
    return format;
  }

  RecordFormat with_fields_lines(RecordFormat format, const NamedFormat& row,
                                 const InputSample& sample) const {
    format.separator = row.separator;
    format.columns = settings_.columns.empty() ? words_of(row.columns) : settings_.columns;
    format.seen_columns = all_columns(sample.bytes, format.columns);
    // Where no line names columns, and none would be one of theirs, nothing could be wrong.
    if (format.seen_columns.empty() && sample.is_whole && are_directives(sample.bytes)) {
      format.mapping = {"none", "none", "none", "none", "1"};
      format.quantity.unit = default_unit_of(format);
      return format;
    }
    if (format.seen_columns.empty()) {
      fail(escaped_text(sample.name) + ": no #Fields: line stands within its first " +
           std::to_string(kSampleBytes) + " bytes; name the columns with \1columns");
    }
    const auto has = [&format](std::string_view field) {
      return std::find(format.seen_columns.begin(), format.seen_columns.end(), field) !=
             format.seen_columns.end();
    };
    format.mapping = w3c_mapping(has);
    set_own_mapping(format.mapping, row, has);
    finish(format);
    return format;
  }

  void set_table(RecordFormat& format, bool is_tsv, const InputSample& sample) const {
    format.separator = settings_.separator.value_or(is_tsv ? '\t' : ',');
    format.has_quotes = settings_.has_quotes.value_or(!is_tsv);
    format.has_header = settings_.has_header && settings_.columns.empty();
    format.decimal_comma = settings_.decimal_comma;
    if (settings_.null_word) format.missing_words = {*settings_.null_word};
    if (!settings_.columns.empty()) {
      format.columns = settings_.columns;
      return;
    }
    const CsvHeader header =
        read_csv_header(sample.bytes, sample.is_whole, format.separator, format.has_quotes);
    const std::string input = escaped_text(sample.name);
    if (header.is_broken) fail(input + ": the quotes of the header are wrong");
    if (!header.is_whole && !sample.is_whole) {
      fail(input + ": no header ends within its first " + std::to_string(kSampleBytes) +
           " bytes; name the columns with \1columns");
    }
    format.columns = header.columns;
    if (format.has_header) return;
    for (std::size_t i = 0; i < format.columns.size(); ++i)
      format.columns[i] = "column" + std::to_string(i + 1);
  }

  /// What is said goes before what is usual.
  void finish(RecordFormat& format) const {
    const auto set = [](std::string& target, const std::optional<std::string>& said) {
      if (said) target = *said;
    };
    FieldMapping& mapping = format.mapping;
    set(mapping.time, settings_.time);
    set(mapping.user, settings_.user);
    set(mapping.task, settings_.task);
    set(mapping.status, settings_.status);
    set(mapping.quantity, settings_.quantity);
    require(mapping.time, "time", format);
    require(mapping.user, "user", format);
    format.measures = settings_.measures;
    if (format.measures.empty()) {
      require(mapping.quantity, "quantity", format);
    } else {
      mapping.quantity.clear();
    }
    format.folds_ids = settings_.folds_ids;
    format.task_patterns = settings_.task_patterns;
    format.timezone = settings_.timezone;
    // The clocks of W3C logs are those of UTC.
    const bool is_utc = format.family == FormatFamily::w3c;
    format.input_timezone = settings_.input_timezone.value_or(is_utc ? "UTC" : settings_.timezone);
    format.excess_digits = settings_.excess_digits;
    format.quantity.unit = settings_.unit ? *settings_.unit : default_unit_of(format);
    format.quantity.digits = settings_.quantity_digits.value_or(default_digits_of(format));
    format.quantity.negative = settings_.negative;
  }

  static void require(const std::string& selector, const char* setting,
                      const RecordFormat& format) {
    if (!selector.empty()) return;
    std::string message = std::string("\1") + setting + ": say which field is the " + setting +
                          ", as nothing is called so";
    const bool is_w3c = format.family == FormatFamily::w3c;
    const std::vector<std::string>& columns = is_w3c ? format.seen_columns : format.columns;
    if (columns.empty()) fail(message + " in this definition");
    message += "; the columns are";
    constexpr std::size_t kMaxShown = 30;
    for (std::size_t i = 0; i < std::min(columns.size(), kMaxShown); ++i)
      message += (i == 0 ? " " : ", ") + quoted_text(columns[i]);
    if (columns.size() > kMaxShown)
      message += " and " + std::to_string(columns.size() - kMaxShown) + " more";
    fail(message);
  }

  const FormatSettings& settings_;
};

}  // namespace

const NamedFormat& format_called(const std::string& name) {
  const NamedFormat* const found = find_format(name);
  if (found != nullptr) return *found;
  std::vector<std::string_view> names = {kAuto};
  std::string list(kAuto);
  for (const NamedFormat& row : named_formats()) {
    names.push_back(row.name);
    list += ", " + std::string(row.name);
  }
  fail("\1format: unknown " + quoted_text(name) + "; use one of " + list +
       did_you_mean(name, names));
}

RecordFormat settled_format(const FormatSettings& settings, const NamedFormat& row,
                            const InputSample& sample) {
  return FormatSettler(settings).named(row, sample);
}

RecordFormat settled_definition(const FormatSettings& settings) {
  if (settings.format != kAuto && settings.format != kLog)
    fail("\1log-format and \1format exclude each other: a definition is a format");
  return FormatSettler(settings).pasted(*settings.log_format);
}

}  // namespace billing
