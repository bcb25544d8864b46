#include "choose/unfit_input.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "base/shell_word.h"
#include "billing/error.h"
#include "billing/named_formats.h"
#include "choose/default_mapping.h"
#include "choose/format_trial.h"
#include "choose/guess_mapping.h"
#include "choose/seen_fields.h"
#include "choose/settled_format.h"
#include "mapping/time_reader.h"

namespace billing {
namespace {

/// With a mapping that any record meets: what counts is the form alone.
FormatSettings without_fields(FormatSettings settings) {
  settings.time = "none";
  settings.user = "none";
  settings.task = "none";
  settings.status = "none";
  settings.quantity = "1";
  settings.measures.clear();
  settings.task_patterns.clear();
  settings.folds_ids = true;
  return settings;
}

/// A name of a column that is a time: the first row is no header.
bool has_time(const std::vector<std::string>& columns) {
  const TimeReader reader("auto", "UTC");
  return std::any_of(columns.begin(), columns.end(), [&reader](const std::string& name) {
    std::int64_t time_ns = 0;
    return reader.read(name, time_ns);
  });
}

/// Whether more than half of the records are of the form, or there is but a header, or all rows of
/// a wide table have a few cells less or more than its header.
bool is_near(const RecordFormat& format, const Fit& fit) {
  constexpr std::size_t kManyColumns = 10;
  constexpr double kMost = 0.8;
  if (fit.events * 2 > fit.records) return true;
  if (fit.records == 0) return fit.directives > 0;
  return format.columns.size() >= kManyColumns &&
         fit.reached > kMost * static_cast<double>(fit.records);
}

/// Whether records are of a form, whatever their fields are called: sets `form` and `fields`.
bool has_form(const FormatSettings& settings, const NamedFormat& row, const InputSample& sample,
              FormatChoice& choice) {
  // Records of fewer fields are more likely text that happens to be of a form.
  constexpr std::size_t kFewFields = 3;
  FormatSettings loose = without_fields(settings);
  RecordFormat format = settled_format(loose, row, sample);
  if (format.family != row.family) return false;
  if (format.has_header && has_time(format.columns)) {
    loose.has_header = false;
    format = settled_format(loose, row, sample);
  }
  const Fit fit = try_on(format, sample);
  if (!is_near(format, fit)) return false;
  choice.fields = seen_fields(format, sample.bytes);
  // Words of prose are keys without a value.
  const auto is_common = [&fit](const SeenField& field) {
    return field.records * 2 > fit.events && field.example != "true";
  };
  const auto fields = row.family == FormatFamily::csv
                          ? format.columns.size()
                          : static_cast<std::size_t>(std::count_if(choice.fields.begin(),
                                                                   choice.fields.end(), is_common));
  if (row.family != FormatFamily::json && fields < kFewFields) return false;
  choice.form = format;
  return true;
}

void find_form(const FormatSettings& settings, const InputSample& sample, FormatChoice& choice) {
  for (const std::string_view name : {"json", "tsv", "csv", "logfmt"}) {
    if (settings.format != "auto" && settings.format != name) continue;
    try {
      if (has_form(settings, format_called(std::string(name)), sample, choice)) return;
    } catch (const Error&) {
      continue;  // a broken header, or settings for another form
    }
  }
  choice.fields.clear();
}

/// The usual names among the fields, and what is said.
FieldMapping known_mapping(const FormatSettings& settings, const std::vector<SeenField>& fields) {
  std::vector<std::string> names;
  names.reserve(fields.size());
  for (const SeenField& field : fields) names.push_back(field.name);
  FieldMapping mapping = named_mapping(&names);
  mapping.time = settings.time.value_or(mapping.time);
  mapping.user = settings.user.value_or(mapping.user);
  mapping.task = settings.task.value_or(mapping.task);
  mapping.status = settings.status.value_or(mapping.status);
  mapping.quantity = settings.quantity.value_or(mapping.quantity);
  return mapping;
}

bool has_any_measure(const std::vector<Measure>& measures, const std::vector<SeenField>& fields) {
  return std::any_of(measures.begin(), measures.end(), [&fields](const Measure& measure) {
    return is_met("quantity", measure.quantity, fields);
  });
}

/// `by json 3 of 10; none by 19 others`.
std::string describe_candidates(const std::vector<FormatCandidate>& candidates) {
  std::string some;
  std::size_t none = 0;
  for (const FormatCandidate& one : candidates) {
    if (one.events == 0) {
      ++none;
      continue;
    }
    some += some.empty() ? "" : ", ";
    some += std::string(one.name) + " " + grouped(one.events) + " of " + grouped(one.records);
  }
  if (some.empty()) return "none by any of the " + grouped(none) + " that there are";
  if (none == 0) return "by " + some;
  return "by " + some + "; none by " + grouped(none) + (none == 1 ? " other" : " others");
}

/// A few fields with what stands in them.
std::string describe_fields(const std::vector<SeenField>& fields) {
  constexpr std::size_t kShownFields = 20;
  constexpr std::size_t kShownBytes = 40;
  std::string text;
  for (std::size_t i = 0; i < std::min(fields.size(), kShownFields); ++i) {
    text += "\n  " + escaped_text(fields[i].name);
    if (fields[i].example.empty()) continue;
    text += "  ";
    append_escaped(text, fields[i].example, kShownBytes);
  }
  if (fields.size() > kShownFields)
    text += "\n  and " + counted(fields.size() - kShownFields, "more field");
  return text;
}

}  // namespace

void recognise_form(const FormatSettings& settings, const InputSample& sample,
                    FormatChoice& choice) {
  if (choice.form) {
    choice.fields = seen_fields(*choice.form, sample.bytes);
    return;
  }
  find_form(settings, sample, choice);
  if (!choice.form) return;
  const FieldMapping mapping = known_mapping(settings, choice.fields);
  choice.form->mapping = mapping;
  if (!is_met("time", mapping.time, choice.fields)) choice.missing.emplace_back("time");
  if (!is_met("user", mapping.user, choice.fields)) choice.missing.emplace_back("user");
  choice.form->measures = settings.measures;
  if (!settings.measures.empty()) choice.form->mapping.quantity.clear();
  const bool has_quantity = settings.measures.empty()
                                ? is_met("quantity", mapping.quantity, choice.fields)
                                : has_any_measure(settings.measures, choice.fields);
  if (!has_quantity)
    choice.missing.emplace_back(settings.measures.empty() ? "quantity" : "measure");
  choice.guess = guess_mapping(mapping, choice.fields);
  if (settings.task) choice.guess.task = *settings.task;
  if (settings.status) choice.guess.status = *settings.status;
  if (!settings.measures.empty()) choice.guess.quantity.clear();
}

std::string describe_fields_to_name(const RecordFormat& format, const InputSample& sample) {
  if (format.family != FormatFamily::json && format.family != FormatFamily::logfmt) return "";
  const InputSample records = first_records(sample);
  const std::vector<SeenField> fields = seen_fields(format, records.bytes);
  std::string missing;
  const auto look = [&](const char* part, const std::string& selector) {
    if (!is_met(part, selector, fields))
      missing += (missing.empty() ? "\1" : ", \1") + std::string(part);
  };
  look("time", format.mapping.time);
  look("user", format.mapping.user);
  look("quantity", format.mapping.quantity);
  if (fields.empty() || missing.empty() || try_on(format, records).events > 0) return "";
  return escaped_text(sample.name) + " has these fields:" + describe_fields(fields) +
         "\nsay which of them is what: " + missing + " (and \1task, \1status-from)";
}

std::string describe_unfit(const InputSample& sample, const FormatChoice& choice) {
  constexpr std::size_t kShownBytes = 120;
  const std::string_view bytes = sample.bytes;
  std::string text = escaped_text(sample.name) +
                     ": no format fits; calls are found in its first records: " +
                     describe_candidates(choice.candidates) + ". The first record is\n  ";
  const std::size_t end = bytes.find('\n');
  append_escaped(text, bytes.substr(0, end), kShownBytes);
  if (end == std::string_view::npos && !sample.is_whole)
    text += "\nwhich does not end within its first " + grouped(bytes.size()) + " bytes";
  if (!choice.missing.empty()) {
    text += "\nIt is of the form of " + choice.form->name +
            ", with these fields:" + describe_fields(choice.fields) +
            "\nsay which of them is what:";
    for (const std::string& part : choice.missing)
      text += (part == choice.missing.front() ? " \1" : ", \1") + part;
    text += " (and \1task, \1status-from)";
  } else {
    text +=
        "\nsay which it is with \1format or \1log-format, or which fields are what with \1time, "
        "\1user, \1task and \1quantity";
  }
  const bool is_file = !sample.name.starts_with('<');
  return text + "\2\nto look at it: billing check " + (is_file ? shell_word(sample.name) : "FILE") +
         "\2";
}

}  // namespace billing
