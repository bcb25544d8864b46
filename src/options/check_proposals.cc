#include "options/check_proposals.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/shell_word.h"
#include "io/first_bytes.h"

namespace billing {
namespace {

/// The format that all inputs with records have; null where they have several, or there are no
/// records.
const RecordFormat* common_format(const CheckReport& report) {
  const RecordFormat* common = nullptr;
  for (const CheckedInput& input : report.inputs) {
    if (input.choice.has_no_records) continue;
    const RecordFormat& format = *input.choice.format;
    if (common == nullptr) common = &format;
    if (format.name != common->name || format.mapping != common->mapping ||
        format.wrapper != common->wrapper)
      return nullptr;
  }
  return common;
}

/// A command as it is typed.
class CommandLine {
 public:
  explicit CommandLine(std::string command) : text_(std::move(command)) {}

  void input(const std::string& name) {
    text_ += " " + (name == kStdinName ? std::string("-") : shell_word(name));
  }
  void option(std::string_view name, const std::string& value) {
    // One that begins with a dash would be an option of its own.
    const bool has_dash = value.starts_with('-');
    text_ +=
        fmt::format(" --{}{}", name, has_dash ? shell_word("=" + value) : " " + shell_word(value));
  }
  void option(std::string_view name, const std::optional<std::string>& value) {
    if (value) option(name, *value);
  }
  void flag(std::string_view name, bool is_set) {
    if (is_set) text_ += fmt::format(" --{}", name);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

/// What makes a call of a record, in full, so that it can be changed. Parts that are empty, and
/// those that are none without having been said, are left out.
void add_mapping(CommandLine& line, const FieldMapping& mapping, const FormatFlags& said) {
  const auto add = [&line](std::string_view name, const std::string& selector, bool is_said) {
    if (!selector.empty() && (selector != "none" || is_said)) line.option(name, selector);
  };
  add("time", mapping.time, true);
  add("user", mapping.user, true);
  add("task", mapping.task, said.task.has_value());
  add("status-from", mapping.status, said.status_from.has_value());
  add("quantity", mapping.quantity, true);
}

void add_measures(CommandLine& line, const std::vector<Measure>& measures) {
  for (const Measure& measure : measures)
    line.option("measure", measure.name + "=" + measure.quantity);
}

void add_said_mapping(CommandLine& line, const FormatFlags& flags) {
  line.option("time", flags.time);
  line.option("user", flags.user);
  line.option("task", flags.task);
  line.option("status-from", flags.status_from);
  line.option("quantity", flags.quantity);
  for (const std::string& measure : flags.measures) line.option("measure", measure);
}

void add_wrapper(CommandLine& line, const CheckFlags& flags, Wrapper wrapper) {
  if (wrapper != Wrapper::none) {
    line.option("unwrap", std::string(name_of(wrapper)));
  } else {
    line.option("unwrap", flags.formats.unwrap);
  }
}

/// A format as it was chosen.
void add_format(CommandLine& line, const CheckFlags& flags, const RecordFormat& format) {
  if (flags.formats.log_format) {
    line.option("log-format", flags.formats.log_format);
  } else {
    line.option("format", format.name);
  }
  add_wrapper(line, flags, format.wrapper);
  if (!format.is_text()) add_mapping(line, format.mapping, flags.formats);
  add_measures(line, format.measures);
}

/// All else that was typed.
void add_said_options(CommandLine& line, const CheckFlags& flags) {
  const FormatFlags& formats = flags.formats;
  line.option("stream", formats.stream);
  line.option("unit", formats.unit);
  line.option("quantity-digits", formats.quantity_digits);
  line.option("excess-digits", formats.excess_digits);
  line.option("negative", formats.negative);
  line.option("timezone", flags.timezone);
  line.option("input-timezone", formats.input_timezone);
  for (const std::string& pattern : formats.task_patterns) line.option("task-pattern", pattern);
  line.flag("no-fold-ids", formats.no_fold_ids);
  line.option("separator", formats.separator);
  line.option("quote", formats.quote);
  line.flag("no-header", formats.no_header);
  line.option("columns", formats.columns);
  line.option("decimal", formats.decimal);
  line.option("null", formats.null_word);
  line.option("dedupe-by", formats.dedupe_by);
  line.option("dedupe-keep", formats.dedupe_keep);
  line.option("dedupe-missing", formats.dedupe_missing);
  line.option("max-record-bytes", flags.max_record_bytes);
}

constexpr const char* kUnpriced =
    ", without prices (--rate TASK=PRICE, or --rate '*=PRICE' for all tasks, in the place of "
    "--unrated zero)";

/// The bill of inputs that have formats.
Proposal propose_bill(const CheckFlags& flags, const CheckReport& report) {
  CommandLine line("billing aggregate");
  const bool has_folders = std::any_of(flags.inputs.begin(), flags.inputs.end(), is_folder);
  for (const std::string& input : flags.inputs) {
    if (has_folders) line.input(input);
  }
  for (const CheckedInput& input : report.inputs) {
    if (!has_folders) line.input(input.name);
  }
  const RecordFormat* const format = common_format(report);
  if (format != nullptr) {
    add_format(line, flags, *format);
  } else {
    if (flags.formats.format != "auto") line.option("format", flags.formats.format);
    line.option("log-format", flags.formats.log_format);
    line.option("unwrap", flags.formats.unwrap);
    add_said_mapping(line, flags.formats);
  }
  add_said_options(line, flags);
  if (report.has_rejects()) line.option("rejects", std::string("rejects.csv"));
  line.option("unrated", std::string("zero"));
  return {std::string("The bill") + kUnpriced, line.take()};
}

/// What to do with an input of a format that comes closest.
Proposal propose_closest(const CheckFlags& flags, const CheckedInput& input) {
  const RecordFormat& format = *input.choice.form;
  if (input.totals.accepted > 0) {
    CommandLine line("billing aggregate");
    line.input(input.name);
    add_format(line, flags, format);
    add_said_options(line, flags);
    line.option("rejects", std::string("rejects.csv"));
    line.option("unrated", std::string("zero"));
    return {"The bill of what is " + format.name + ", the rest set aside" + kUnpriced, line.take()};
  }
  CommandLine line("billing check");
  line.input(input.name);
  line.option("log-format", format.definition);
  add_wrapper(line, flags, format.wrapper);
  add_said_mapping(line, flags.formats);
  add_said_options(line, flags);
  return {"The definition of " + format.name + ", to be changed until it fits", line.take()};
}

/// What to try with an input whose fields are not called as usual.
Proposal propose_mapping(const CheckFlags& flags, const CheckedInput& input) {
  const RecordFormat& form = *input.choice.form;
  FieldMapping guess = input.choice.guess;
  const bool has_measures = !form.measures.empty();
  for (std::string* const part : {&guess.time, &guess.user, &guess.quantity}) {
    if (part->empty() && !(has_measures && part == &guess.quantity)) *part = "FIELD";
  }
  CommandLine line("billing check");
  line.input(input.name);
  line.option("format", form.name);
  add_wrapper(line, flags, form.wrapper);
  FormatFlags said = flags.formats;
  if (guess.status == "none") said.status_from = guess.status;  // the usual field holds none
  add_mapping(line, guess, said);
  add_measures(line, form.measures);
  add_said_options(line, flags);
  const bool has_names = flags.formats.no_header || flags.formats.columns;
  line.flag("no-header", form.family == FormatFamily::csv && !form.has_header && !has_names);
  return {"A guess by names and examples, to be put right and tried", line.take()};
}

}  // namespace

std::vector<Proposal> propose(const CheckFlags& flags, const CheckReport& report) {
  std::vector<Proposal> proposals;
  if (!report.has_unknown()) {
    proposals.push_back(propose_bill(flags, report));
    return proposals;
  }
  for (const CheckedInput& input : report.inputs) {
    if (input.choice.format || !input.choice.form) continue;
    // Only a definition can be changed until it fits.
    const bool has_calls = input.totals.accepted > 0;
    if (input.format && !has_calls && input.format->family != FormatFamily::web) continue;
    proposals.push_back(input.format ? propose_closest(flags, input)
                                     : propose_mapping(flags, input));
  }
  return proposals;
}

}  // namespace billing
