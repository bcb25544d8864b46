#include "job/job_warnings.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "base/escape_text.h"

namespace billing {
namespace {

/// What is lost silently otherwise: as the record has other measures, it is no reject.
void warn_of_measures(const JobReport& report, const JobHooks& hooks) {
  for (const MeasureReport& row : report.measures) {
    if (report.measured_records == 0 || row.records > 0) continue;
    hooks.warn(fmt::format("no record has the \1measure {} ({}); nothing is billed for it",
                           escaped_text(row.measure.name), escaped_text(row.measure.quantity)));
  }
}

/// Nothing but records that are about others, such as headers, and blanks.
bool has_directives_alone(const InputTotals& totals) {
  return totals.directives > 0 && totals.records == totals.blank + totals.directives;
}

}  // namespace

/// A name that records of JSON and logfmt never have is no mistake by itself.
void warn_of_no_tasks(const AggregateJob& job, const TaskNames& tasks, const JobHooks& hooks) {
  const std::optional<std::string>& asked = job.format.task;
  if (!asked || *asked == "none" || tasks.size() == 0) return;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    // With measures their names stand behind it.
    const std::string_view task = tasks[i];
    if (task != "-" && !(task.starts_with("-.") && !job.format.measures.empty())) return;
  }
  hooks.warn("no record has the \1task " + quoted_text(*asked) +
             ": all calls are of one task, -, and have its rate");
}

void warn_of_nothing(const JobReport& report, const JobHooks& hooks) {
  const InputTotals& totals = report.totals;
  if (totals.records == 0) {
    hooks.warn("the input is empty; so is the result");
  } else if (has_directives_alone(totals)) {
    hooks.warn("the input has a header and no records; the result is empty");
  }
  warn_of_measures(report, hooks);
}

/// A log whose calls are all on the other stream would be billed as nothing.
void warn_of_streams(const InputFormats& formats, const std::vector<std::string>& names,
                     const std::vector<InputTotals>& totals, const JobHooks& hooks) {
  std::size_t count = 0;
  std::size_t first = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!has_streams(formats.records(i).wrapper) || !has_directives_alone(totals[i])) continue;
    if (count++ == 0) first = i;
  }
  if (count == 0) return;
  hooks.warn(fmt::format(
      "{}{}: nothing is of stream {}, so nothing of it is billed; \1stream says "
      "which lines are read",
      escaped_text(names[first]), count > 1 ? fmt::format(" and {} more", count - 1) : "",
      name_of(formats.records(first).stream)));
}

}  // namespace billing
