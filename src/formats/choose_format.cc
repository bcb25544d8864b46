#include "billing/choose_format.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/mediate.h"
#include "formats/csv_header.h"
#include "formats/input_format.h"
#include "formats/web_definition.h"
#include "formats/web_fields.h"
#include "mapping/quantity_unit.h"
#include "mapping/selector.h"

namespace billing {
namespace {

constexpr std::string_view kAuto = "auto";
constexpr std::string_view kLog = "log";

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::configuration, message);
}

const NamedFormat* find_format(std::string_view name) {
  const auto formats = named_formats();
  const auto found = std::find_if(formats.begin(), formats.end(),
                                  [name](const NamedFormat& row) { return row.name == name; });
  return found == formats.end() ? nullptr : &*found;
}

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

/// A field of a definition, or what can be derived from its fields.
bool has_field(const WebDefinition& definition, std::string_view name) {
  const auto holds = [&](std::string_view wanted) {
    return std::any_of(definition.fields.begin(), definition.fields.end(),
                       [wanted](const WebField& field) { return field.name == wanted; });
  };
  if (holds(name)) return true;
  const auto rows = derived_fields();
  return std::any_of(rows.begin(), rows.end(), [&](const DerivedField& row) {
    return row.name == name && holds(row.source);
  });
}

/// The default mapping of a web server's log: what its definition has of the usual fields. A part
/// stays empty where it has none.
FieldMapping web_mapping(const WebDefinition& definition) {
  FieldMapping mapping;
  for (const std::string_view time : {"time_local", "time_iso8601", "msec"}) {
    if (mapping.time.empty() && has_field(definition, time)) mapping.time = time;
  }
  for (const std::string_view user : {"remote_user", "remote_addr"}) {
    if (!has_field(definition, user)) continue;
    mapping.user += (mapping.user.empty() ? "" : ",") + std::string(user);
  }
  const bool has_method = has_field(definition, "request_method");
  const bool has_path = has_field(definition, "path");
  mapping.task = has_method && has_path ? "$request_method $path" : has_path ? "path" : "none";
  mapping.status = has_field(definition, "status") ? "status" : "none";
  mapping.quantity = "1";
  for (const WebField& field : definition.fields) {
    if (field.name != "request_time") continue;
    mapping.quantity = "request_time:" + (field.unit.empty() ? "s" : field.unit);
    break;
  }
  return mapping;
}

/// What the default names are of objects, tables and pairs. A table has the columns that it has.
FieldMapping named_mapping(const std::vector<std::string>* columns) {
  const auto has = [columns](std::string_view name) {
    return columns == nullptr ||
           std::find(columns->begin(), columns->end(), name) != columns->end();
  };
  FieldMapping mapping;
  if (has("time")) mapping.time = "time";
  if (has("user")) mapping.user = "user";
  mapping.task = has("task") ? "task" : "none";
  mapping.status = has("status") ? "status" : "none";
  if (has("duration_ms")) {
    mapping.quantity = "duration_ms";
  } else if (has("quantity")) {
    mapping.quantity = "quantity";
  }
  return mapping;
}

/// The unit that a selector's quantities are billed in where nothing is said.
std::string default_unit_of(const RecordFormat& format) {
  FieldList fields;
  const Selector selector =
      parse_selector("quantity", format.mapping.quantity, SelectorUse::quantity, fields);
  const Alternative& first = selector.alternatives.front();
  const std::string suffix =
      first.kind == Alternative::Kind::sum ? first.terms.front().unit : first.suffix;
  if (first.kind == Alternative::Kind::constant) return "calls";
  const bool is_duration_ms = first.kind == Alternative::Kind::field &&
                              fields.names()[first.field.place].name == "duration_ms";
  if (is_duration_ms || suffix == "auto" || is_time_unit(suffix)) return "ms";
  return is_size_unit(suffix) ? "B" : "units";
}

/// How many digits quantities have where nothing is said.
int default_digits_of(const RecordFormat& format) {
  const std::string& unit = format.quantity.unit;
  if (unit == "calls" || unit == "B" || unit == "ns") return 0;
  constexpr int kWebTimeDigits = 3;
  constexpr int kOtherDigits = 6;
  return format.family == FormatFamily::web && is_time_unit(unit) ? kWebTimeDigits : kOtherDigits;
}

/// Whether a task is made of a path, in which ids can be folded.
bool asks_for_path(const std::string& task) {
  FieldList fields;
  const Selector selector = parse_selector("task", task, SelectorUse::task, fields);
  return std::any_of(fields.names().begin(), fields.names().end(), [](const FieldName& field) {
    return field.name == "path" || field.name == "uri";
  });
}

class FormatChooser {
 public:
  explicit FormatChooser(const FormatSettings& settings) : settings_(settings) {}

  /// Nothing but blanks.
  static bool is_void(const InputSample& sample) {
    return sample.is_whole && is_void(std::string_view(sample.bytes));
  }

  /// One input's, with the unit and the digits that it has by itself.
  RecordFormat choose(const InputSample& sample) const {
    if (settings_.log_format) {
      if (settings_.format != kAuto && settings_.format != kLog)
        fail("\1log-format and \1format exclude each other: a definition is a format");
      return with_definition(std::string(kLog), *settings_.log_format);
    }
    if (settings_.format == kAuto) return detect(sample);
    return named(format_called(settings_.format), sample);
  }

 private:
  RecordFormat named(const NamedFormat& row, const InputSample& sample) const {
    if (row.family == FormatFamily::text) {
      if (settings_.has_mapping()) {
        fail(
            "\1format text: its lines are `time user task status NNNms`; options that say which "
            "field is which belong to other formats");
      }
      return {};
    }
    if (row.family == FormatFamily::web)
      return with_definition(std::string(row.name), std::string(row.definition));
    RecordFormat format;
    format.name = row.name;
    format.family = row.family;
    if (row.family == FormatFamily::csv) {
      set_table(format, row.name == "tsv", sample);
      // A table of no rows, not even a header, has nothing that could be wrong.
      if (format.columns.empty()) return {};
      format.mapping = named_mapping(&format.columns);
    } else {
      format.mapping = named_mapping(nullptr);
      // Decided once for an input, as its unit is.
      const bool has_duration = sample.bytes.find("duration_ms") != std::string_view::npos;
      format.mapping.quantity = has_duration ? "duration_ms" : "quantity";
    }
    finish(format);
    return format;
  }

  RecordFormat with_definition(const std::string& name, const std::string& definition) const {
    RecordFormat format;
    format.name = name;
    format.family = FormatFamily::web;
    format.definition = definition;
    format.dash_is_missing = true;
    format.mapping = web_mapping(parse_web_definition(definition));
    finish(format);
    return format;
  }

  void set_table(RecordFormat& format, bool is_tsv, const InputSample& sample) const {
    format.separator = settings_.separator.value_or(is_tsv ? '\t' : ',');
    format.has_quotes = settings_.has_quotes.value_or(!is_tsv);
    format.has_header = settings_.has_header && settings_.columns.empty();
    format.decimal_comma = settings_.decimal_comma;
    format.null_word = settings_.null_word;
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
    require(mapping.quantity, "quantity", format);
    format.folds_ids = settings_.folds_ids;
    format.task_patterns = settings_.task_patterns;
    format.timezone = settings_.timezone;
    format.input_timezone = settings_.input_timezone.value_or(settings_.timezone);
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
    if (format.columns.empty()) fail(message + " in this definition");
    message += "; the columns are";
    constexpr std::size_t kMaxShown = 30;
    for (std::size_t i = 0; i < std::min(format.columns.size(), kMaxShown); ++i)
      message += (i == 0 ? " " : ", ") + quoted_text(format.columns[i]);
    if (format.columns.size() > kMaxShown)
      message += " and " + std::to_string(format.columns.size() - kMaxShown) + " more";
    fail(message);
  }

  /// What a format makes of an input's first records.
  struct Fit {
    std::uint64_t events = 0;
    std::uint64_t records = 0;  ///< without blanks and directives
  };

  static Fit try_on(const RecordFormat& format, std::string_view bytes) {
    Fit fit;
    const auto ready = make_input_format(format);
    const auto batch = std::make_unique<EventBatch>();
    MediationOptions options;
    options.format = ready;
    const MediationCounts counts = mediate(
        {bytes, bytes.size(), true, nullptr}, options, *batch, [](EventBatch&) {},
        [](const Reject&) {});
    fit.events = counts.events;
    fit.records = counts.records - counts.blanks - counts.directives;
    return fit;
  }

  /// The first records of an input, whole: at most a thousand lines.
  static std::string_view first_records(const InputSample& sample) {
    constexpr std::size_t kMaxLines = 1000;
    std::string_view bytes = sample.bytes;
    std::size_t at = 0;
    for (std::size_t line = 0; line < kMaxLines && at != std::string_view::npos; ++line) {
      at = bytes.find('\n', at);
      if (at != std::string_view::npos) ++at;
    }
    if (at != std::string_view::npos) return bytes.substr(0, at);
    return sample.is_whole ? bytes : bytes.substr(0, bytes.rfind('\n') + 1);
  }

  RecordFormat detect(const InputSample& sample) const {
    const std::string_view bytes = first_records(sample);
    RecordFormat best;
    Fit best_fit;
    Fit text_fit;
    bool has_rival = false;
    std::string tried;
    for (const NamedFormat& row : named_formats()) {
      if (row.family == FormatFamily::text && settings_.has_mapping()) continue;
      Fit fit;
      RecordFormat format;
      try {
        format = named(row, {sample.name, std::string(bytes), true});
        fit = try_on(format, bytes);
      } catch (const Error&) {
        continue;  // it lacks fields, or the header is none
      }
      if (row.family == FormatFamily::text) text_fit = fit;
      if (fit.events > 0 || row.family == FormatFamily::text)
        tried += (tried.empty() ? "" : ", ") + std::string(row.name) + " " +
                 std::to_string(fit.events) + " of " + std::to_string(fit.records);
      has_rival = fit.events == best_fit.events ? has_rival || fit.events > 0
                                                : has_rival && fit.events < best_fit.events;
      if (fit.events <= best_fit.events) continue;
      best = format;
      best_fit = fit;
    }
    constexpr std::uint64_t kTenths = 9;
    const bool is_clear =
        best_fit.events > 0 && !has_rival && best_fit.events * 10 >= best_fit.records * kTenths;
    if (is_clear) return best;
    const bool is_text = text_fit.events > 0 && text_fit.events >= best_fit.events;
    if (is_text || is_void(bytes)) return {};
    fail_unknown(sample.name, bytes, tried);
  }

  static bool is_void(std::string_view bytes) {
    if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos;
  }

  [[noreturn]] static void fail_unknown(const std::string& name, std::string_view bytes,
                                        const std::string& tried) {
    constexpr std::size_t kShownBytes = 120;
    const std::string_view first = bytes.substr(0, bytes.find('\n'));
    std::string shown;
    append_escaped(shown, first, kShownBytes);
    fail(
        escaped_text(name) + ": no format fits" +
        (tried.empty() ? "" : " (calls found: " + tried + ")") + "; its first record is\n  " +
        shown +
        "\nsay which it is with \1format, or which fields are what with \1time, \1user, \1task and "
        "\1quantity");
  }

  const FormatSettings& settings_;
};

/// Somebody expects something of a setting that no input has a use for.
void refuse_without_effect(const FormatSettings& settings,
                           const std::vector<RecordFormat>& formats) {
  const auto none = [&](const auto& has_use) {
    return std::none_of(formats.begin(), formats.end(), has_use);
  };
  const auto refuse = [](bool given, const char* setting, const char* of_what) {
    if (given) fail(std::string("\1") + setting + ": has no effect: " + of_what);
  };
  // An input of nothing fits all formats, and shows no use of anything.
  if (none([](const RecordFormat& format) { return format.family != FormatFamily::text; })) return;
  if (none([](const RecordFormat& format) { return format.family == FormatFamily::csv; })) {
    const char* const kTables = "no input is a table (csv, tsv)";
    refuse(settings.separator.has_value(), "separator", kTables);
    refuse(settings.has_quotes.has_value(), "quote", kTables);
    refuse(!settings.has_header, "no-header", kTables);
    refuse(!settings.columns.empty(), "columns", kTables);
    refuse(settings.decimal_comma, "decimal", kTables);
    refuse(settings.null_word.has_value(), "null", kTables);
  }
  if (none([](const RecordFormat& format) { return asks_for_path(format.mapping.task); })) {
    const char* const kPaths = "no task is made of $path or $uri";
    refuse(!settings.task_patterns.empty(), "task-pattern", kPaths);
    refuse(!settings.folds_ids, "no-fold-ids", kPaths);
  }
}

}  // namespace

bool FormatSettings::has_mapping() const {
  return time || user || task || status || quantity || unit || separator || has_quotes ||
         !has_header || !columns.empty() || decimal_comma || null_word || !folds_ids ||
         !task_patterns.empty() || input_timezone || negative ||
         excess_digits != ExcessDigits::reject;
}

std::vector<RecordFormat> choose_formats(
    const FormatSettings& settings, std::size_t input_count,
    const std::function<InputSample(std::size_t input)>& sample) {
  const FormatChooser chooser(settings);
  std::vector<RecordFormat> formats;
  QuantityRules rules;
  std::string first_name;
  std::vector<bool> is_void;
  for (std::size_t i = 0; i < input_count; ++i) {
    const InputSample beginning = sample(i);
    formats.push_back(chooser.choose(beginning));
    is_void.push_back(FormatChooser::is_void(beginning));
    const QuantityRules& own = formats.back().quantity;
    if (i == 0) {
      rules = own;
      first_name = beginning.name;
    }
    if (own.unit != rules.unit) {
      fail(escaped_text(beginning.name) + " is billed in " + own.unit + ", " +
           escaped_text(first_name) + " in " + rules.unit +
           "; bill them apart, or say the same \1unit and \1quantity for all");
    }
    rules.digits = std::max(rules.digits, own.digits);
  }
  refuse_without_effect(settings, formats);
  if (settings.quantity_digits) rules.digits = *settings.quantity_digits;
  rules.negative = settings.negative;
  for (RecordFormat& format : formats) format.quantity = rules;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    // An input of nothing is taken for text, which has few fields that a filter could name.
    if (is_void[i]) continue;
    formats[i].where = settings.where;
    formats[i].timezone = settings.timezone;
  }
  return formats;
}

}  // namespace billing
