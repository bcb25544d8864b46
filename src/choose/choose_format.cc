#include "billing/choose_format.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/escape_text.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "billing/named_formats.h"
#include "choose/choose_wrapper.h"
#include "choose/default_mapping.h"
#include "choose/format_trial.h"
#include "choose/growing_input.h"
#include "choose/seen_fields.h"
#include "choose/settled_format.h"
#include "choose/unfit_fields.h"
#include "choose/unfit_input.h"
#include "formats/fields_lines.h"
#include "formats/web_definition.h"
#include "mapping/task_name.h"

namespace billing {
namespace {

constexpr std::string_view kAuto = "auto";

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::configuration, message);
}

/// Nothing but blanks.
bool is_void(std::string_view bytes) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  return bytes.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Whether not even the first record ends in the sample, and it begins as one of `text` does.
bool begins_long_text(const InputSample& sample) {
  std::string_view bytes = sample.bytes;
  if (sample.is_whole || bytes.find('\n') != std::string_view::npos) return false;
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t"), bytes.size()));
  return parse_timestamp_ns(bytes.substr(0, bytes.find_first_of(" \t"))).has_value();
}

/// Whether lines of the input name columns.
bool has_header(const RecordFormat& format, const InputSample& sample) {
  if (format.family == FormatFamily::w3c) return !all_columns(sample.bytes, {}).empty();
  return format.family == FormatFamily::csv && format.has_header;
}

/// Whether a table has no rows yet, a W3C log no lines but directives, or an array no objects.
/// `sample` is all of it.
bool has_no_rows(const RecordFormat& format, const InputSample& sample) {
  const bool is_array = format.layout == JsonLayout::array;
  const bool may_be = has_header(format, sample) || is_array || format.family == FormatFamily::w3c;
  return may_be && try_on(format, sample).records == 0;
}

/// Whether times stand in the lines as combined has them. Definitions of words between spaces alone
/// go deep into any text.
bool has_time_in_brackets(const RecordFormat& format) {
  return format.definition.find("[$time_local]") != std::string::npos ||
         format.definition.find("%t") != std::string::npos;
}

/// The format of one input that is to be found out.
class FormatFinder {
 public:
  FormatFinder(const FormatSettings& settings, const InputSample& sample)
      : settings_(settings),
        sample_(first_records(sample)),
        fits_text_(is_void(sample.bytes) || begins_long_text(sample)) {}

  FormatChoice find() {
    for (const NamedFormat& row : named_formats()) {
      if (is_candidate(row)) try_candidate(row);
    }
    fail_where_all_do();
    const Tried* const best = best_one();
    const auto is_rival = [best](const Tried& one) {
      return &one != best && one.fit.events >= best->fit.events;
    };
    if (best != nullptr && are_most(best->fit.events, best->fit.records) && !is_by_the_way(*best) &&
        std::none_of(tried_.begin(), tried_.end(), is_rival)) {
      choice_.format = best->format;
    } else if (fits_text_ || (best != nullptr && is_as_good_as_text(*best))) {
      choice_.format = RecordFormat{};
    } else if (best == nullptr) {
      choice_.format = without_rows();
    }
    if (!choice_.format) choice_.form = closest(best);
    return std::move(choice_);
  }

 private:
  struct Tried {
    RecordFormat format;
    Fit fit;
  };

  /// A separator that is said tells tables from each other.
  bool is_candidate(const NamedFormat& row) const {
    if (row.family == FormatFamily::text) return !settings_.has_mapping();
    // Where all is said that makes a call, objects are those of `json`, whoever wrote them.
    const bool is_all_said = settings_.time && settings_.user && settings_.quantity;
    if (!row.meant_records.empty() && is_all_said) return false;
    // Columns that are said are those of a table; of a W3C log that is said to be one.
    if (row.family == FormatFamily::w3c) return settings_.columns.empty();
    const bool has_tabs = row.name == "tsv";
    const bool is_table = row.family == FormatFamily::csv;
    return !is_table || !settings_.separator || (*settings_.separator == '\t') == has_tabs;
  }

  void try_candidate(const NamedFormat& row) {
    FormatCandidate candidate;
    candidate.name = row.name;
    try {
      Tried tried;
      tried.format = settled_format(settings_, row, sample_);
      tried.fit = try_on(tried.format, sample_);
      candidate.events = tried.fit.events;
      candidate.records = tried.fit.records;
      tried_.push_back(std::move(tried));
    } catch (const Error& error) {
      candidate.problem = error.message();  // it lacks fields, or the header is none
    }
    choice_.candidates.push_back(std::move(candidate));
  }

  /// What is wrong with a setting is wrong with all formats.
  void fail_where_all_do() const {
    const std::string& problem = choice_.candidates.front().problem;
    const auto has_it = [&problem](const FormatCandidate& one) { return one.problem == problem; };
    if (!problem.empty() &&
        std::all_of(choice_.candidates.begin(), choice_.candidates.end(), has_it))
      fail(problem);
  }

  /// The first that makes the most events; null where none makes any.
  const Tried* best_one() const {
    const Tried* best = nullptr;
    for (const Tried& one : tried_) {
      if (one.fit.events > (best == nullptr ? 0 : best->fit.events)) best = &one;
    }
    return best;
  }

  /// The first that makes the most is `text`, as it is first in the table.
  static bool is_as_good_as_text(const Tried& best) { return best.format.is_text(); }

  /// Whether most of the objects are of another kind than this format means: then it says nothing
  /// of what the log is.
  static bool is_by_the_way(const Tried& tried) {
    return !tried.format.meant_records.empty() && tried.fit.directives > tried.fit.events;
  }

  /// A table whose columns are called as they are wanted, and that has no rows yet; or an array of
  /// nothing.
  std::optional<RecordFormat> without_rows() const {
    for (const Tried& one : tried_) {
      const bool is_table = one.fit.directives > 0 && has_header(one.format, sample_);
      const bool is_array = one.format.layout == JsonLayout::array;
      if (one.fit.records == 0 && (is_table || is_array)) return one.format;
    }
    return std::nullopt;
  }

  /// What makes the most events; where nothing makes any, what fits the records for the most part,
  /// as the format of a web server's log that has one field more than usual.
  std::optional<RecordFormat> closest(const Tried* best) const {
    if (best != nullptr) return best->format;
    // Within an object, whatever its values hold, stands no line of a server.
    const std::string_view bytes = sample_.bytes;
    if (bytes.substr(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size())).starts_with('{'))
      return std::nullopt;
    // A format that comes no more than a space further goes no deeper into the records.
    constexpr double kSlightly = 0.02;
    double most = 0.5;
    std::optional<RecordFormat> format;
    for (const Tried& one : tried_) {
      const double reached = one.fit.reached / static_cast<double>(one.fit.records);
      if (!has_time_in_brackets(one.format) || reached <= most + (format ? kSlightly : 0.0))
        continue;
      most = reached;
      format = one.format;
    }
    return format;
  }

  const FormatSettings& settings_;
  const InputSample sample_;
  const bool fits_text_;  ///< whatever is tried on it
  FormatChoice choice_;
  std::vector<Tried> tried_;
};

}  // namespace

bool FormatSettings::has_mapping() const {
  return time || user || task || status || quantity || !measures.empty() || unit || separator ||
         has_quotes || !has_header || !columns.empty() || decimal_comma || null_word ||
         !folds_ids || !task_patterns.empty() || input_timezone || negative ||
         excess_digits != ExcessDigits::reject;
}

namespace {

FormatChoice choose_bare(const FormatSettings& settings, const InputSample& sample) {
  FormatChoice choice;
  if (settings.log_format) {
    choice.format = settled_definition(settings);
  } else if (settings.format != kAuto) {
    const NamedFormat& row = format_called(settings.format);
    try {
      choice.format = settled_format(settings, row, sample);
    } catch (const Error& error) {
      recognise_form(settings, first_records(sample), choice);
      if (choice.missing.empty()) throw;
      choice.problem = error.message();
    }
  } else {
    choice = FormatFinder(settings, sample).find();
    if (!choice.format) {
      recognise_form(settings, first_records(sample), choice);
      choice.problem = describe_unfit(sample, choice);
      if (says_fields(settings)) {
        const FormatSettings others = without_said_fields(settings);
        const auto named = FormatFinder(others, sample).find().format;
        if (named) blame_fields(settings, *named, sample, choice);
      }
    }
  }
  choice.has_no_records |=
      sample.is_whole &&
      (is_void(sample.bytes) || (choice.format && has_no_rows(*choice.format, sample)));
  return choice;
}

}  // namespace

FormatChoice choose_format(const FormatSettings& settings, const InputSample& sample) {
  check_measures(settings.measures);
  if (settings.quantity && !settings.measures.empty())
    fail("\1measure and \1quantity exclude each other: measures are quantities by name");
  return choose_wrapped(settings, sample, [&settings](const InputSample& text) {
    return choose_bare(settings, text);
  });
}

std::vector<SeenField> fields_of(const RecordFormat& format, const InputSample& sample) {
  if (format.wrapper == Wrapper::none) return seen_fields(format, first_records(sample).bytes);
  const InputSample text = unwrapped_sample(format.wrapper, format.stream, sample);
  return seen_fields(format, first_records(text).bytes);
}

}  // namespace billing
