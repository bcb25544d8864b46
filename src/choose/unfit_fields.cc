#include "choose/unfit_fields.h"

#include <string>
#include <string_view>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "billing/named_formats.h"
#include "billing/quantity.h"
#include "choose/format_trial.h"
#include "choose/settled_format.h"

namespace billing {
namespace {

/// Whether quantities were rejected for their digits alone.
bool fits_with_all_digits(FormatSettings settings, const NamedFormat& row,
                          const InputSample& records, const Fit& fit) {
  if (settings.quantity_digits || fit.first_reject->reason != RejectReason::bad_quantity)
    return false;
  settings.quantity_digits = kMaxQuantityDigits;
  return try_on(settled_format(settings, row, records), records).events > fit.events;
}

}  // namespace

bool says_fields(const FormatSettings& settings) {
  return settings.time || settings.user || settings.task || settings.status || settings.quantity ||
         !settings.measures.empty() || settings.unit || settings.quantity_digits ||
         !settings.task_patterns.empty();
}

FormatSettings without_said_fields(FormatSettings settings) {
  settings.time.reset();
  settings.user.reset();
  settings.task.reset();
  settings.status.reset();
  settings.quantity.reset();
  settings.measures.clear();
  settings.task_patterns.clear();
  settings.unit.reset();
  settings.quantity_digits.reset();
  return settings;
}

void blame_fields(const FormatSettings& settings, const RecordFormat& named,
                  const InputSample& sample, FormatChoice& choice) {
  const NamedFormat& row = format_called(named.name);
  const InputSample records = first_records(sample);
  std::string problem = escaped_text(sample.name) + " is " + named.name + ", but ";
  RecordFormat format;
  Fit fit;
  try {
    format = settled_format(settings, row, sample);
    fit = try_on(format, records);
  } catch (const Error& error) {
    throw Error(error.kind(), problem + error.message() +
                                  "\nfields are said by \1time, \1user, \1task, \1status-from and "
                                  "\1quantity");
  }
  if (!choice.missing.empty() || !fit.first_reject) return;
  problem += "with the fields that are said " + grouped(fit.events) + " of its first " +
             counted(fit.records, "record") + (fit.events == 1 ? " is a call" : " are calls") +
             "; the first that is none has " +
             std::string(reject_reason_name(fit.first_reject->reason)) + " in column " +
             std::to_string(fit.first_reject->column) + ":\n  ";
  constexpr std::size_t kShownBytes = 200;
  const std::string_view rest =
      std::string_view(records.bytes).substr(fit.first_reject->offset_bytes);
  append_escaped(problem, rest.substr(0, rest.find('\n')), kShownBytes);
  if (fits_with_all_digits(settings, row, records, fit)) {
    problem += "\nits quantities have more digits than are kept: say \1quantity-digits " +
               std::to_string(kMaxQuantityDigits) + ", or fewer";
  }
  choice.problem = problem;
  choice.form = std::move(format);
}

}  // namespace billing
