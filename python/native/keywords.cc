#include "keywords.h"

#include <nanobind/stl/string.h>

#include <algorithm>
#include <optional>

#include "base/closest_word.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "options/aggregate_job.h"
#include "options/numbers.h"
#include "reject_table.h"

namespace nb = nanobind;

namespace billing::python {
namespace {

[[noreturn]] void raise_type_error(const std::string& message) {
  throw nb::type_error(message.c_str());
}

std::string bytes_of(nb::handle bytes) {
  return {PyBytes_AsString(bytes.ptr()), static_cast<std::size_t>(PyBytes_Size(bytes.ptr()))};
}

/// As the file system has it: what Python could not decode comes back as it was.
std::string encoded(nb::handle text) {
  PyObject* const bytes = PyUnicode_EncodeFSDefault(text.ptr());
  if (bytes == nullptr) throw nb::python_error();
  return bytes_of(nb::steal(bytes));
}

std::string type_of(nb::handle value) { return encoded(value.type().attr("__name__")); }

bool is_a(nb::handle value, const char* module, const char* type) {
  return nb::isinstance(value, nb::module_::import_(module).attr(type));
}

[[noreturn]] void refuse_float(nb::handle value, std::string_view keyword) {
  const std::string shown = encoded(nb::str(value));
  raise_type_error(std::string(keyword) + ": " + shown +
                   " is a float, which holds most decimals inexactly; say '" + shown +
                   "', an int or a Decimal");
}

/// An int, also of numpy's.
nb::object index_of(nb::handle value) {
  PyObject* const index = PyNumber_Index(value.ptr());
  if (index == nullptr) throw nb::python_error();
  return nb::steal(index);
}

std::string raw_text_of(nb::handle value, std::string_view keyword) {
  if (nb::isinstance<nb::str>(value)) return encoded(value);
  if (nb::isinstance<nb::bytes>(value)) return bytes_of(value);
  if (nb::isinstance<nb::bool_>(value))
    raise_type_error(std::string(keyword) + ": takes a value, not a bool");
  if (PyIndex_Check(value.ptr()) != 0) return encoded(nb::str(index_of(value)));
  if (nb::isinstance<nb::float_>(value)) refuse_float(value, keyword);
  if (is_a(value, "decimal", "Decimal")) return encoded(value.attr("__format__")("f"));
  if (is_a(value, "datetime", "date")) return encoded(value.attr("isoformat")());
  if (nb::hasattr(value, "__fspath__"))
    return raw_text_of(nb::module_::import_("os").attr("fspath")(value), keyword);
  raise_type_error(std::string(keyword) + ": takes str, not " + type_of(value));
}

bool is_sequence(nb::handle value) {
  return nb::isinstance<nb::list>(value) || nb::isinstance<nb::tuple>(value);
}

/// `{"login": "0.005"}` of an option that takes `NAME=VALUE`.
std::vector<std::string> pairs_of(nb::handle mapping, std::string_view keyword) {
  std::vector<std::string> pairs;
  for (const nb::handle item : nb::list(mapping.attr("items")())) {
    const std::string name = text_of(item[0], keyword);
    // A price is read behind the last `=`, a measure behind the first.
    if (keyword == "measure" && name.find('=') != std::string::npos) {
      throw Error(ErrorKind::configuration,
                  "measure: " + quoted_text(name) + ": a name that holds = cannot be given");
    }
    pairs.push_back(name + "=" + text_of(item[1], keyword));
  }
  return pairs;
}

std::vector<std::string> values_of(nb::handle value, const OptionRow& row,
                                   std::string_view keyword) {
  const bool takes_pairs = row.value.find('=') != std::string_view::npos;
  if (takes_pairs && nb::hasattr(value, "items")) return pairs_of(value, keyword);
  if (!is_sequence(value)) return {text_of(value, keyword)};
  std::vector<std::string> values;
  for (const nb::handle one : value) values.push_back(text_of(one, keyword));
  return values;
}

void set_row(const OptionRow& row, nb::handle value, std::string_view keyword) {
  if (auto* const flag = std::get_if<bool*>(&row.target)) {
    if (!nb::isinstance<nb::bool_>(value))
      raise_type_error(std::string(keyword) + ": takes True or False, not " + type_of(value));
    **flag = nb::cast<bool>(value);
  } else if (auto* const text = std::get_if<std::string*>(&row.target)) {
    **text = text_of(value, keyword);
  } else if (auto* const given = std::get_if<std::optional<std::string>*>(&row.target)) {
    if (is_sequence(value))
      raise_type_error(std::string(keyword) + ": takes one value, not several");
    **given = text_of(value, keyword);
  } else if (auto* const list = std::get_if<std::vector<std::string>*>(&row.target)) {
    const std::vector<std::string> values = values_of(value, row, keyword);
    (*list)->insert((*list)->end(), values.begin(), values.end());
  }
}

[[noreturn]] void raise_unknown(const CommandOptions& options, const KeywordRules& rules,
                                const std::string& keyword) {
  std::vector<std::string> names = {"rates"};
  for (const OptionRow& row : options.options) names.push_back(keyword_of(row));
  for (const std::string_view other : rules.others) names.emplace_back(other);
  const auto is_refused = [&rules](const std::string& name) {
    return std::any_of(rules.refused.begin(), rules.refused.end(),
                       [&name](const Refusal& one) { return one.keyword == name; });
  };
  std::erase_if(names, is_refused);
  const std::vector<std::string_view> words(names.begin(), names.end());
  raise_type_error(std::string(rules.function) + "() has no keyword " + quoted_text(keyword) +
                   did_you_mean(keyword, words));
}

}  // namespace

std::vector<Refusal> program_refusals(bool reads_env) {
  constexpr const char* kNoOutput =
      "is an option of the program; the bill comes back: see Bill.to_csv(), to_text(), to_jsonl()";
  constexpr const char* kNoMessages =
      "is an option of the program, which prints; see Bill.totals, Bill.report and Bill.warnings";
  std::vector<Refusal> refusals = {{"output", kNoOutput},
                                   {"output_format", kNoOutput},
                                   {"quiet", kNoMessages},
                                   {"summary", kNoMessages}};
  if (!reads_env) {
    refusals.push_back(
        {"env_file", "rates and settings come from files and the environment with env=True only"});
  }
  return refusals;
}

std::string keyword_of(const OptionRow& row) {
  std::string keyword(row.long_name());
  std::replace(keyword.begin(), keyword.end(), '-', '_');
  return keyword;
}

void set_keywords(const CommandOptions& options, const KeywordRules& rules,
                  const nb::dict& keywords) {
  for (const auto& [key, value] : keywords) {
    const std::string keyword = encoded(key);
    for (const Refusal& refusal : rules.refused) {
      if (keyword == refusal.keyword && !value.is_none())
        throw Error(ErrorKind::configuration, keyword + ": " + refusal.advice);
    }
    const std::string name = keyword == "rates" ? "rate" : keyword;
    const auto row =
        std::find_if(options.options.begin(), options.options.end(),
                     [&name](const OptionRow& one) { return keyword_of(one) == name; });
    if (row == options.options.end()) raise_unknown(options, rules, keyword);
    if (!value.is_none()) set_row(*row, value, keyword);
  }
}

nb::dict keywords_of(const CommandOptions& options, const KeywordRules& rules) {
  nb::dict keywords;
  for (const OptionRow& row : options.options) {
    const bool is_list = std::holds_alternative<std::vector<std::string>*>(row.target);
    const char* const takes = row.value.empty() ? "flag" : is_list ? "list" : "text";
    keywords[keyword_of(row).c_str()] = takes;
  }
  for (const Refusal& refusal : rules.refused)
    keywords[std::string(refusal.keyword).c_str()] = "refused";
  return keywords;
}

std::string text_of(nb::handle value, std::string_view keyword) {
  std::string text = raw_text_of(value, keyword);
  if (text.find('\0') != std::string::npos) {
    throw Error(ErrorKind::configuration,
                std::string(keyword) + ": " + quoted_text(text) + " has a NUL in it");
  }
  return text;
}

std::vector<std::string> paths_of(nb::handle value, std::string_view keyword) {
  if (value.is_none()) return {};
  const bool is_path = nb::isinstance<nb::str>(value) || nb::isinstance<nb::bytes>(value) ||
                       nb::hasattr(value, "__fspath__") || !nb::hasattr(value, "__iter__");
  if (is_path) return {text_of(value, keyword)};
  std::vector<std::string> paths;
  for (const nb::handle one : nb::iter(value)) paths.push_back(text_of(one, keyword));
  return paths;
}

void refuse_stream(std::string_view path, std::string_view keyword) {
  if (path != "-") return;
  throw Error(ErrorKind::configuration,
              std::string(keyword) +
                  ": - is a standard stream, which belongs to this program; name a file");
}

std::optional<std::string> take_text(nb::dict& keywords, const char* keyword) {
  if (!keywords.contains(keyword)) return std::nullopt;
  const nb::object value = keywords[keyword];
  nb::del(keywords[keyword]);
  if (value.is_none()) return std::nullopt;
  return text_of(value, keyword);
}

bool take_flag(nb::dict& keywords, const char* keyword) {
  if (!keywords.contains(keyword)) return false;
  const nb::object value = keywords[keyword];
  if (!nb::isinstance<nb::bool_>(value))
    raise_type_error(std::string(keyword) + ": takes True or False, not " + type_of(value));
  nb::del(keywords[keyword]);
  return nb::cast<bool>(value);
}

AggregateJob job_of(const nb::dict& keywords, const KeywordRules& rules) {
  AggregateFlags flags;
  CommandOptions options;
  add_aggregate_options(options, flags);
  set_keywords(options, rules, keywords);
  flags.inputs = {"."};  // an input of its own is never read
  Mistakes mistakes;
  AggregateJob job = make_aggregate_job(flags, Settings(), mistakes);
  mistakes.report();
  return job;
}

std::optional<QuantityRules> take_kept_quantity(nb::dict& keywords) {
  constexpr const char* kKeyword = "_kept_quantity";
  if (!keywords.contains(kKeyword)) return std::nullopt;
  const nb::object given = keywords[kKeyword];
  nb::del(keywords[kKeyword]);
  QuantityRules kept;
  kept.unit = nb::cast<std::string>(nb::object(given[0]));
  kept.digits = nb::cast<int>(nb::object(given[1]));
  return kept;
}

std::uint64_t take_kept_rejects(nb::dict& keywords) {
  const std::optional<std::string> given = take_text(keywords, "keep_rejects");
  if (!given) return RejectTable::kMaxRejects;
  return parse_count("\1keep-rejects", *given, 0, std::uint64_t{1} << 32);
}

}  // namespace billing::python
