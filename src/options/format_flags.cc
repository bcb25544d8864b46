#include "options/format_flags.h"

#include <algorithm>
#include <string_view>

#include "base/escape_text.h"
#include "base/split_list.h"
#include "billing/cycle_policy.h"
#include "billing/named_formats.h"
#include "billing/quantity.h"
#include "options/choices.h"
#include "options/numbers.h"

namespace billing {
namespace {

constexpr std::pair<const char*, bool> kNegative[] = {{"reject", false}, {"allow", true}};
constexpr std::pair<const char*, ExcessDigits> kExcessDigits[] = {{"reject", ExcessDigits::reject},
                                                                  {"round", ExcessDigits::round}};
constexpr std::pair<const char*, bool> kQuotes[] = {{"double", true}, {"none", false}};
constexpr std::pair<const char*, bool> kKeep[] = {{"smallest", false}, {"largest", true}};
constexpr std::pair<const char*, bool> kMissing[] = {{"reject", false}, {"keep", true}};
constexpr std::pair<const char*, bool> kDecimals[] = {{".", false}, {",", true}};

constexpr std::pair<const char*, std::optional<Wrapper>> kWrappers[] = {
    {"auto", std::nullopt},        {"docker", Wrapper::docker}, {"cri", Wrapper::cri},
    {"compose", Wrapper::compose}, {"syslog", Wrapper::syslog}, {"none", Wrapper::none}};
constexpr std::pair<const char*, std::optional<LogStream>> kStreams[] = {
    {"stdout", LogStream::out}, {"stderr", LogStream::err}, {"all", LogStream::all}};

std::vector<std::string_view> format_names() {
  std::vector<std::string_view> names = {"auto"};
  for (const NamedFormat& row : named_formats()) names.push_back(row.name);
  return names;
}

void add_field_options(CommandOptions& options, FormatFlags& flags) {
  constexpr std::string_view kGroup = "Fields that make a call";
  const auto add = [&](std::string_view names, std::string_view value, std::string_view purpose,
                       Target target) {
    options.add(
        {.names = names, .value = value, .purpose = purpose, .target = target, .group = kGroup});
  };
  add("--time", "FIELD",
      "When it was: FIELD[:KIND], of the kinds rfc3339, clf, unix, unix_ms, unix_us, unix_ns or a "
      "pattern such as %Y-%m-%d %H:%M:%S; none for usage without times",
      &flags.time);
  add("--user", "FIELD",
      "Who is billed: a field, or several with commas, of which the first that is there counts; "
      "=NAME is always NAME",
      &flags.user);
  add("--task", "FIELD", "What for: a field, or a template such as '$request_method $path'",
      &flags.task);
  add("--status-from", "FIELD", "The field of the status, or none", &flags.status_from);
  add("--quantity", "FIELD",
      "How much: FIELD[:UNIT], such as request_time:s; sums and differences, such as "
      "'end:ns - start:ns'; 1 bills calls. UNIT: ns us ms s min h B kB MB GB KiB MiB GiB, or auto "
      "where each value has its own",
      &flags.quantity);
  add("--measure", "NAME=FIELD",
      "In place of --quantity several of them: a record makes a call of the task TASK.NAME for "
      "each "
      "measure that it has and that is not 0, such as --measure input=tokens.in --measure "
      "output=tokens.out; given once for each. The cycle is then all by default",
      &flags.measures);
  add("--unit", "UNIT",
      "What a rate is per. Default: ms for times, B for sizes, calls where the quantity is a "
      "number, else units",
      &flags.unit);
  add("--quantity-digits", "N",
      "Digits behind the point that quantities keep, 0 to 9; more make a record a bad one. "
      "Default: 3 for times of web servers, 0 for calls, B and ns, else 6",
      &flags.quantity_digits);
  options.add({.names = "--excess-digits",
               .value = "WHAT",
               .purpose = "What becomes of quantities with more digits: bad records (reject, the "
                          "default), or rounded half to even, each by itself (round); the summary "
                          "tells how many, and by how much in all",
               .target = &flags.excess_digits,
               .group = kGroup,
               .choices = names_of(kExcessDigits)});
  options.add({.names = "--negative",
               .value = "WHAT",
               .purpose = "Whether quantities below 0 are credits (allow) or bad records (reject, "
                          "the default)",
               .target = &flags.negative,
               .group = kGroup,
               .choices = names_of(kNegative)});
  options.add({.names = "--input-timezone",
               .value = "ZONE",
               .purpose = "IANA zone of times that have no offset. Default: that of --timezone",
               .target = &flags.input_timezone,
               .group = kGroup,
               .completes = Completion::time_zone});
  add("--task-pattern", "PATTERN",
      "A task for all paths that match, such as /users/{id}/orders/**; may be given several times",
      &flags.task_patterns);
  add("--no-fold-ids", "",
      "Keep numbers, UUIDs and long hex digits in the paths of tasks, which "
      "become {id} otherwise",
      &flags.no_fold_ids);
}

void add_table_options(CommandOptions& options, FormatFlags& flags) {
  constexpr std::string_view kGroup = "Tables (csv, tsv)";
  const auto add = [&](std::string_view names, std::string_view value, std::string_view purpose,
                       Target target) {
    options.add(
        {.names = names, .value = value, .purpose = purpose, .target = target, .group = kGroup});
  };
  add("--separator", "CHAR", "Between cells; \\t is a tab. Default: a comma, of tsv a tab",
      &flags.separator);
  options.add({.names = "--quote",
               .value = "STYLE",
               .purpose = "Whether cells may stand in double quotes. Default: double, of tsv none",
               .target = &flags.quote,
               .group = kGroup,
               .choices = names_of(kQuotes)});
  add("--no-header", "", "The first row is data; columns are called column1, column2 ...",
      &flags.no_header);
  add("--columns", "NAMES", "Names of the columns of a table without a header, with commas",
      &flags.columns);
  options.add({.names = "--decimal",
               .value = "CHAR",
               .purpose = "The decimal point: . (the default), or , as in 1.234,56",
               .target = &flags.decimal,
               .group = kGroup,
               .choices = names_of(kDecimals)});
  add("--null", "WORD", "A cell of this word is missing", &flags.null_word);
}

std::optional<char> parse_separator(const std::string& text) {
  if (text == "\\t") return '\t';
  if (text.size() == 1 && text[0] != '"' && text[0] != '\n' && text[0] != '\r') return text[0];
  throw Error(ErrorKind::configuration,
              "\1separator: " + quoted_text(text) + ": one character, or \\t for a tab");
}

/// The name ends at the first `=`: a selector may hold others.
Measure parse_measure(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos && equals > 0 && equals + 1 < text.size())
    return {text.substr(0, equals), text.substr(equals + 1)};
  throw Error(ErrorKind::configuration, "\1measure: " + quoted_text(text) +
                                            ": NAME=FIELD, such as input=tokens.in or calls=1");
}

std::string checked_unit(const std::string& unit) {
  constexpr std::size_t kMaxBytes = 16;
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  };
  if (!unit.empty() && unit.size() <= kMaxBytes && std::all_of(unit.begin(), unit.end(), fits))
    return unit;
  throw Error(ErrorKind::configuration,
              "\1unit: " + quoted_text(unit) + ": 1 to 16 letters, digits or _");
}

DedupeSettings choose_dedupe(const FormatFlags& flags, Mistakes& mistakes) {
  DedupeSettings settings;
  settings.by = flags.dedupe_by.value_or("");
  if (flags.dedupe_by && settings.by.empty()) mistakes.add("\1dedupe-by: no field is named");
  const auto is_second = [&](const char* option, const std::optional<std::string>& value,
                             const std::pair<const char*, bool>(&choices)[2]) {
    if (!value) return false;
    if (!flags.dedupe_by) mistakes.add(std::string(option) + ": has no effect without \1dedupe-by");
    return mistakes.attempt([&] { return choose(option, *value, choices); }, false);
  };
  settings.keeps_largest = is_second("\1dedupe-keep", flags.dedupe_keep, kKeep);
  settings.keeps_missing = is_second("\1dedupe-missing", flags.dedupe_missing, kMissing);
  return settings;
}

}  // namespace

void add_dedupe_options(CommandOptions& options, FormatFlags& flags, std::string_view group) {
  options.add({.names = "--dedupe-by",
               .value = "FIELDS",
               .purpose = "Bill one record of those with the same values in these fields, with "
                          "commas, such as message_id,request_id; time, user, task, status and "
                          "quantity are those that are billed; record is all of the record",
               .target = &flags.dedupe_by,
               .group = group});
  options.add({.names = "--dedupe-keep",
               .value = "WHICH",
               .purpose = "Which of them: the smallest by time, user, task, status and quantity "
                          "(the default), or that of the largest quantity",
               .target = &flags.dedupe_keep,
               .group = group,
               .choices = names_of(kKeep)});
  options.add({.names = "--dedupe-missing",
               .value = "WHAT",
               .purpose = "Whether records that lack such a field are bad ones (reject, the "
                          "default), or are billed each for itself (keep)",
               .target = &flags.dedupe_missing,
               .group = group,
               .choices = names_of(kMissing)});
}

void add_format_options(CommandOptions& options, FormatFlags& flags) {
  constexpr std::string_view kGroup = "Formats";
  options.add({.names = "--format",
               .value = "NAME",
               .purpose = "What the inputs are; billing formats lists them. auto finds it out for "
                          "each input from its first records; billing check FILE shows how",
               .target = &flags.format,
               .group = kGroup,
               .choices = format_names()});
  options.add({.names = "--log-format",
               .value = "STRING",
               .purpose = "A definition as it stands in the configuration of nginx (log_format) or "
                          "Apache (LogFormat)",
               .target = &flags.log_format,
               .group = kGroup});
  options.add({.names = "--unwrap",
               .value = "NAME",
               .purpose = "What stands around each line: the JSON file logs of docker, the logs of "
                          "Kubernetes (cri), what docker compose logs prints, or syslog. auto "
                          "finds it out for each input. Default: auto, with --format text none",
               .target = &flags.unwrap,
               .group = kGroup,
               .choices = names_of(kWrappers)});
  options.add({.names = "--stream",
               .value = "NAME",
               .purpose = "Which lines of docker and cri are read. Default: stdout",
               .target = &flags.stream,
               .group = kGroup,
               .choices = names_of(kStreams)});
  add_field_options(options, flags);
  add_table_options(options, flags);
}

namespace {

void set_wrapper(const FormatFlags& flags, FormatSettings& settings, Mistakes& mistakes) {
  // Who says text wants lines as they stand, also of a pipe that has given none yet.
  const bool is_bare = flags.format == "text" && !flags.stream;
  settings.unwrap = is_bare ? std::optional(Wrapper::none) : std::nullopt;
  if (flags.unwrap) {
    settings.unwrap = mistakes.attempt([&] { return choose("\1unwrap", *flags.unwrap, kWrappers); },
                                       settings.unwrap);
  }
  if (flags.stream) {
    settings.stream = mistakes.attempt([&] { return choose("\1stream", *flags.stream, kStreams); },
                                       settings.stream);
  }
}

void set_quantity(const FormatFlags& flags, FormatSettings& settings, Mistakes& mistakes) {
  if (flags.unit) {
    settings.unit =
        mistakes.attempt([&] { return std::optional(checked_unit(*flags.unit)); }, settings.unit);
  }
  if (flags.quantity_digits) {
    settings.quantity_digits = static_cast<int>(mistakes.attempt(
        [&] {
          return parse_count("\1quantity-digits", *flags.quantity_digits, 0, kMaxQuantityDigits);
        },
        std::uint64_t{0}));
  }
  if (flags.negative) {
    settings.negative =
        mistakes.attempt([&] { return choose("\1negative", *flags.negative, kNegative); }, false);
  }
  if (flags.excess_digits) {
    settings.excess_digits = mistakes.attempt(
        [&] { return choose("\1excess-digits", *flags.excess_digits, kExcessDigits); },
        settings.excess_digits);
  }
  for (const std::string& measure : flags.measures) {
    if (const auto parsed = mistakes.attempt([&] { return std::optional(parse_measure(measure)); },
                                             std::optional<Measure>()))
      settings.measures.push_back(*parsed);
  }
}

void set_table(const FormatFlags& flags, FormatSettings& settings, Mistakes& mistakes) {
  if (flags.separator) {
    settings.separator =
        mistakes.attempt([&] { return parse_separator(*flags.separator); }, settings.separator);
  }
  if (flags.quote) {
    settings.has_quotes =
        mistakes.attempt([&] { return choose("\1quote", *flags.quote, kQuotes); }, true);
  }
  if (flags.decimal) {
    settings.decimal_comma =
        mistakes.attempt([&] { return choose("\1decimal", *flags.decimal, kDecimals); }, false);
  }
  if (flags.columns) {
    for (const std::string_view name : split_list(*flags.columns))
      settings.columns.emplace_back(name);
  }
}

}  // namespace

FormatSettings choose_format_settings(const FormatFlags& flags, const std::string& timezone,
                                      Mistakes& mistakes) {
  FormatSettings settings;
  settings.format = flags.format;
  settings.log_format = flags.log_format;
  set_wrapper(flags, settings, mistakes);
  settings.time = flags.time;
  settings.user = flags.user;
  settings.task = flags.task;
  settings.status = flags.status_from;
  settings.quantity = flags.quantity;
  settings.folds_ids = !flags.no_fold_ids;
  settings.task_patterns = flags.task_patterns;
  settings.timezone = timezone;
  settings.has_header = !flags.no_header;
  settings.null_word = flags.null_word;
  settings.where = flags.where;
  settings.dedupe = choose_dedupe(flags, mistakes);
  if (flags.input_timezone) {
    settings.input_timezone = mistakes.attempt(
        [&] {
          check_timezone(*flags.input_timezone);
          return flags.input_timezone;
        },
        settings.input_timezone);
  }
  set_quantity(flags, settings, mistakes);
  set_table(flags, settings, mistakes);
  return settings;
}

}  // namespace billing
