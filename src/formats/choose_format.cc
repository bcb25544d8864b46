#include "billing/choose_format.h"

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/escape_text.h"
#include "base/timestamp.h"
#include "base/utf8.h"
#include "billing/error.h"
#include "formats/choose_wrapper.h"
#include "formats/default_mapping.h"
#include "formats/fields_lines.h"
#include "formats/format_trial.h"
#include "formats/growing_input.h"
#include "formats/seen_fields.h"
#include "formats/settled_format.h"
#include "formats/unfit_fields.h"
#include "formats/unfit_input.h"
#include "formats/web_definition.h"
#include "mapping/task_name.h"

namespace billing {
namespace {

constexpr std::string_view kAuto = "auto";

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::configuration, message);
}

/// Whether so many of an input's records are enough to take a format for the input's.
bool are_most(std::uint64_t some, std::uint64_t records) {
  constexpr std::uint64_t kTenths = 9;
  return some * 10 >= records * kTenths;
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

/// Whether it has no fields, as no line has named any: that of an input of directives.
bool has_no_fields(const RecordFormat& format) {
  return format.family == FormatFamily::w3c && format.seen_columns.empty();
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
    if (best != nullptr && are_most(best->fit.events, best->fit.records) &&
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
  static bool is_as_good_as_text(const Tried& best) {
    return best.format.family == FormatFamily::text;
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

/// Somebody expects something of a setting that no input has a use for.
void refuse_without_effect(const FormatSettings& settings, std::span<const RecordFormat> formats) {
  const auto none = [&](const auto& has_use) {
    return std::none_of(formats.begin(), formats.end(), has_use);
  };
  const auto refuse = [](bool given, const char* setting, const char* of_what) {
    if (given) fail(std::string("\1") + setting + ": has no effect: " + of_what);
  };
  if (none([](const RecordFormat& format) { return has_streams(format.wrapper); }))
    refuse(settings.stream.has_value(), "stream", "no input is wrapped as docker or cri");
  // An input of nothing fits all formats, and shows no use of anything.
  if (none([](const RecordFormat& format) { return format.family != FormatFamily::text; })) return;
  if (none([](const RecordFormat& format) { return format.family == FormatFamily::csv; })) {
    const char* const kTables = "no input is a table (csv, tsv)";
    refuse(settings.separator.has_value(), "separator", kTables);
    refuse(settings.has_quotes.has_value(), "quote", kTables);
    refuse(!settings.has_header, "no-header", kTables);
    const bool has_w3c =
        !none([](const RecordFormat& one) { return one.family == FormatFamily::w3c; });
    refuse(!settings.columns.empty() && !has_w3c, "columns", kTables);
    refuse(settings.decimal_comma, "decimal", kTables);
    refuse(settings.null_word.has_value(), "null", kTables);
  }
  const auto has_paths = [](const RecordFormat& format) {
    return format.family != FormatFamily::text && asks_for_path(format.mapping.task);
  };
  if (none(has_paths)) {
    const char* const kPaths = "no task is made of $path or $uri";
    refuse(!settings.task_patterns.empty(), "task-pattern", kPaths);
    refuse(!settings.folds_ids, "no-fold-ids", kPaths);
  }
}

/// Where lines are to be read as they stand, as with a state, and no format fits them.
void refuse_wrapped(const FormatSettings& settings, const InputSample& sample) {
  const bool takes_all = !settings.unwrap || *settings.unwrap != Wrapper::none;
  const Wrapper wrapper = takes_all ? Wrapper::none : likely_wrapper(sample);
  if (wrapper == Wrapper::none) return;
  fail(escaped_text(sample.name) + ": no format fits its lines as they stand; they are in " +
       std::string(name_of(wrapper)) +
       ". A \1state keeps logs without a wrapper: bill it without \1state and \1unwrap none, or "
       "keep it as a \1partial that billing merge adds up");
}

/// What is added to usage is counted as that is.
void refuse_beside_kept(const FormatSettings& settings, const QuantityRules& own,
                        const std::string& name) {
  const QuantityRules& kept = *settings.kept_quantity;
  if (own.unit != kept.unit) {
    fail(escaped_text(name) + " is billed in " + own.unit + ", and the state is kept in " +
         kept.unit + "; use another \1state for it, or say \1unit " + kept.unit +
         " and which \1quantity is of that unit");
  }
  if (own.digits <= kept.digits || settings.quantity_digits) return;
  fail(escaped_text(name) + " has quantities of up to " + std::to_string(own.digits) +
       " digits behind the point, and the state keeps " + std::to_string(kept.digits) +
       "; start a new \1state with \1quantity-digits " + std::to_string(own.digits) +
       ", or say \1quantity-digits " + std::to_string(kept.digits) +
       " where records with more are to be rejected");
}

/// Equal formats have equal numbers.
std::size_t hash_of(const RecordFormat& format) {
  std::size_t hash = 0;
  const auto add = [&hash](const std::string& text) {
    hash = hash * 31 + std::hash<std::string>()(text);
  };
  add(format.name);
  add(format.definition);
  for (const std::string& column : format.columns) add(column);
  for (const std::string& part : {format.mapping.time, format.mapping.user, format.mapping.task,
                                  format.mapping.status, format.mapping.quantity})
    add(part);
  return hash;
}

/// The choices for inputs, each of those that are alike kept once.
class DistinctChoices {
 public:
  void add(FormatChoice choice, const std::string& name) {
    const std::size_t hash = hash_of(*choice.format);
    const auto [begin, end] = by_hash_.equal_range(hash);
    const auto same = std::find_if(begin, end, [&](const auto& entry) {
      const FormatChoice& other = choices_[entry.second];
      return other.has_no_records == choice.has_no_records && other.format == choice.format;
    });
    std::uint32_t place = 0;
    if (same != end) {
      place = same->second;
    } else {
      place = static_cast<std::uint32_t>(choices_.size());
      choice.candidates.clear();
      choices_.push_back(std::move(choice));
      names_.push_back(name);
      by_hash_.emplace(hash, place);
    }
    of_input_.push_back(place);
  }

  ChosenFormats agreed(const FormatSettings& settings) {
    agree_on_formats(settings, names_, choices_);
    ChosenFormats chosen;
    for (FormatChoice& choice : choices_) chosen.formats.push_back(*std::move(choice.format));
    chosen.of_input = std::move(of_input_);
    return chosen;
  }

 private:
  std::vector<FormatChoice> choices_;
  std::vector<std::string> names_;  ///< of the first input of each
  std::vector<std::uint32_t> of_input_;
  std::unordered_multimap<std::size_t, std::uint32_t> by_hash_;
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

void agree_on_formats(const FormatSettings& settings, std::span<const std::string> names,
                      std::span<FormatChoice> choices) {
  std::vector<RecordFormat> formats;
  const std::string* first_name = nullptr;
  const auto& kept = settings.kept_quantity;
  QuantityRules rules = kept.value_or(QuantityRules{});
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].has_no_records) continue;
    formats.push_back(*choices[i].format);
    const QuantityRules& own = formats.back().quantity;
    if (kept) refuse_beside_kept(settings, own, names[i]);
    if (first_name == nullptr && !kept) {
      first_name = &names[i];
      rules = own;
    }
    if (own.unit != rules.unit) {
      fail(escaped_text(names[i]) + " is billed in " + own.unit + ", " + escaped_text(*first_name) +
           " in " + rules.unit +
           "; bill them apart, or say the same \1unit and \1quantity for all");
    }
    rules.digits = std::max(rules.digits, own.digits);
  }
  // Of inputs without records all are as good as the first.
  if (formats.empty() && !choices.empty() && !kept) rules = choices.front().format->quantity;
  refuse_without_effect(settings, formats);
  if (settings.quantity_digits) rules.digits = *settings.quantity_digits;
  rules.negative = settings.negative;
  for (FormatChoice& choice : choices) {
    choice.format->quantity = rules;
    // An input of nothing is taken for text, which has few fields that a filter or a key could
    // name.
    const bool has_few_fields =
        choice.format->family == FormatFamily::text || has_no_fields(*choice.format);
    if (choice.has_no_records && has_few_fields) continue;
    choice.format->where = settings.where;
    choice.format->dedupe = settings.dedupe;
    choice.format->timezone = settings.timezone;
  }
}

ChosenFormats choose_formats(const FormatSettings& settings, std::size_t input_count,
                             const std::function<InputSample(std::size_t input)>& sample) {
  DistinctChoices choices;
  for (std::size_t i = 0; i < input_count; ++i) {
    const InputSample beginning = sample(i);
    FormatChoice choice = choose_growing_format(settings, beginning);
    if (!choice.format) {
      refuse_wrapped(settings, beginning);
      fail(choice.problem);
    }
    choices.add(std::move(choice), beginning.name);
  }
  return choices.agreed(settings);
}

std::vector<std::string> field_names(const RecordFormat& format) {
  switch (format.family) {
    case FormatFamily::csv:
      return format.columns;
    case FormatFamily::w3c:
      return with_derived_names(format.seen_columns, format.aliases);
    case FormatFamily::web: {
      std::vector<std::string> names;
      for (const WebField& field : parse_web_definition(format.definition).fields)
        names.push_back(field.name);
      return with_derived_names(names, format.aliases);
    }
    default:
      return format.aliases.empty() ? std::vector<std::string>{}
                                    : with_derived_names({}, format.aliases);
  }
}

std::vector<SeenField> fields_of(const RecordFormat& format, const InputSample& sample) {
  if (format.wrapper == Wrapper::none) return seen_fields(format, first_records(sample).bytes);
  const InputSample text = unwrapped_sample(format.wrapper, format.stream, sample);
  return seen_fields(format, first_records(text).bytes);
}

}  // namespace billing
