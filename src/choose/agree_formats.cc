// What the formats of the inputs of one run have in common, once each is chosen.

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/escape_text.h"
#include "billing/choose_format.h"
#include "billing/error.h"
#include "choose/default_mapping.h"
#include "choose/growing_input.h"

namespace billing {
namespace {

[[noreturn]] void fail(const std::string& message) {
  throw Error(ErrorKind::configuration, message);
}

/// Somebody expects something of a setting that no input has a use for.
void refuse_without_effect(const FormatSettings& settings, std::span<const RecordFormat> formats) {
  const auto none = [&](const auto& has_use) {
    return std::none_of(formats.begin(), formats.end(), has_use);
  };
  const auto refuse = [](bool given, const char* setting, const char* of_what) {
    if (given) fail(std::string("\1") + setting + ": has no effect: " + of_what);
  };
  if (formats.empty()) return;  // inputs of nothing, or of half a record
  if (settings.are_some_of_job) return;
  if (none([](const RecordFormat& format) { return has_streams(format.wrapper); }))
    refuse(settings.stream.has_value(), "stream", "no input is wrapped as docker or cri");
  // An input of nothing fits all formats, and shows no use of anything.
  if (none([](const RecordFormat& format) { return !format.is_text(); })) return;
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
    return !format.is_text() && asks_for_path(format.mapping.task);
  };
  if (none(has_paths)) {
    const char* const kPaths = "no task is made of $path or $uri";
    refuse(!settings.task_patterns.empty(), "task-pattern", kPaths);
    refuse(!settings.folds_ids, "no-fold-ids", kPaths);
  }
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
  // Of inputs without records all are as good as the first, but for those that show no fields yet.
  if (formats.empty() && !choices.empty() && !kept) {
    const auto shown = std::find_if(choices.begin(), choices.end(), [](const FormatChoice& choice) {
      return !choice.format->lacks_columns();
    });
    rules = (shown == choices.end() ? choices.front() : *shown).format->quantity;
  }
  refuse_without_effect(settings, formats);
  if (settings.quantity_digits) rules.digits = *settings.quantity_digits;
  rules.negative = settings.negative;
  for (FormatChoice& choice : choices) {
    choice.format->quantity = rules;
    // An input of nothing is taken for text, which has few fields that a filter or a key could
    // name.
    const bool has_few_fields = choice.format->is_text() || choice.format->lacks_columns();
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
    if (!choice.format) fail(choice.problem);
    // What the log will be billed in its fields tell, once they are there.
    if (beginning.may_grow && choice.format->lacks_columns()) choice.format->quantity = {};
    choices.add(std::move(choice), beginning.name);
  }
  return choices.agreed(settings);
}

}  // namespace billing
