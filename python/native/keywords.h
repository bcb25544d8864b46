#pragma once

// Keyword arguments -> the targets of a command's options (options/command_options.h), so that each
// option, its checks and its messages are the program's.

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "billing/aggregate.h"
#include "options/command_options.h"

namespace billing::python {

/// An option of the program that has no place here, and what to do.
struct Refusal {
  std::string_view keyword;  ///< `output_format`
  const char* advice;
};

/// What a function of Python takes by keywords.
struct KeywordRules {
  const char* function;  ///< as messages call it: `aggregate`
  std::vector<Refusal> refused;
  std::vector<std::string_view> others;  ///< that are no options: `env`
};

/// What is refused of any job that ends in a bill: it means the program's output and messages, and,
/// unless the caller has asked for `.env` and the environment, its files of settings.
std::vector<Refusal> program_refusals(bool reads_env);

/// The keyword of an option: `memory_limit` of `--memory-limit`.
std::string keyword_of(const OptionRow& row);

/// Puts `keywords` where the rows say. `rates` is another name of `rate`. An option that takes a
/// list takes one value or a sequence, and one that takes NAME=VALUE a mapping as well; None leaves
/// an option as it is. Raises TypeError for a keyword that there is not and a value of a type that
/// makes no sense, and throws Error(configuration) for options that are refused.
void set_keywords(const CommandOptions& options, const KeywordRules& rules,
                  const nanobind::dict& keywords);

/// Each keyword and what it takes: `flag`, `text`, `list` or `refused`. For tests.
nanobind::dict keywords_of(const CommandOptions& options, const KeywordRules& rules);

/// A path or other text: of str, bytes, os.PathLike, int, Decimal or a date. `keyword` is for
/// messages.
std::string text_of(nanobind::handle value, std::string_view keyword);

/// The paths of one argument: a path, or what gives paths one by one. None is none.
std::vector<std::string> paths_of(nanobind::handle value, std::string_view keyword);

/// Throws Error(configuration) where a path means a standard stream, which belongs to the host.
void refuse_stream(std::string_view path, std::string_view keyword);

/// The value of a keyword that is no option, a bool; false where it is not given. Takes it out.
bool take_flag(nanobind::dict& keywords, const char* keyword);

/// The value of a keyword that is no option, text. Takes it out.
std::optional<std::string> take_text(nanobind::dict& keywords, const char* keyword);

/// The job of aggregate() without inputs that keywords describe. Throws Error(configuration) of all
/// that is wrong with it.
AggregateJob job_of(const nanobind::dict& keywords, const KeywordRules& rules);

/// What the inputs of a whole job are counted in, by the private keyword `_kept_quantity`, a tuple
/// of unit and digits: for a host that reads each input apart from the others. Takes it out.
std::optional<QuantityRules> take_kept_quantity(nanobind::dict& keywords);

/// How many rejects a table keeps, by the keyword `keep_rejects`. Takes it out.
std::uint64_t take_kept_rejects(nanobind::dict& keywords);

}  // namespace billing::python
