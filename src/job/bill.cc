#include "job/bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "engine/for_each_block.h"
#include "job/control_totals.h"
#include "job/statement_output.h"
#include "job/unrated_tasks.h"

namespace billing {
namespace {

/// Whether one price of all tasks is likely: of requests and sizes, not of the calls that `text` is
/// made for.
bool may_have_one_price(const JobReport& report) {
  return !report.quantity.is_duration_ms() ||
         std::any_of(report.formats.begin(), report.formats.end(),
                     [](const FormatReport& row) { return !row.format.is_text(); });
}

[[noreturn]] void refuse_without_rates(const TaskNames& tasks, const JobReport& report) {
  const std::string shown =
      listed(tasks.size(), tasks.size(),
             [&tasks](std::string& out, std::size_t i) { out += quoted_text(tasks[i]); });
  const char* const for_all =
      may_have_one_price(report) ? " (or \1rate '*=PRICE' for all tasks)" : "";
  throw Error(ErrorKind::configuration,
              "none of the tasks has a rate, so every cost would be 0: " + shown +
                  suggest_rates(report, tasks) + "\ngive rates with \1rate task=0.005" + for_all +
                  "\2, RATE_<task>=0.005 in the environment or in "
                  ".env (\1env-file FILE)\2; or say \1unrated zero");
}

/// `--unrated fail`: one look at all sums, to say how many calls have no rate.
[[noreturn]] void refuse_unrated(const Sums& sums, UnratedTasks& unrated, JobContext& context) {
  struct Look {
    SumBlock block;
  };
  for_each_block<Look>(
      sums, context.checkpoint, [] { return Look(); },
      [&unrated](Look& look) { unrated.add(look.block.rows); }, [](Look&) {});
  unrated.tell(context.report);
  throw Error(ErrorKind::configuration,
              "no rate for " + describe_unrated(context.report) +
                  "; give one with \1rate task=0.005\2 or RATE_<task>=0.005\2" +
                  suggest_rates(context.report));
}

/// Finds out early that no bill can come of it.
void check_rates(const BillJob& job, const Sums& sums, UnratedTasks& unrated, JobContext& context) {
  if (unrated.count() == 0) return;
  if (unrated.count() == sums.tasks().size() && job.unrated == UnratedPolicy::unset)
    refuse_without_rates(sums.tasks(), context.report);
  if (job.unrated == UnratedPolicy::fail) refuse_unrated(sums, unrated, context);
}

/// When all sums have been seen.
void report_unrated(const UnratedTasks& unrated, JobContext& context) {
  unrated.tell(context.report);
  if (unrated.count() == 0) return;
  context.hooks.warn("no rate for " + describe_unrated(context.report) + ": billed as 0" +
                     suggest_rates(context.report));
}

}  // namespace

void warn_of_filters(const JobContext& context) {
  const JobReport& report = context.report;
  if (report.totals.accepted > 0 || report.totals.filtered == 0) return;
  std::string filters;
  std::string since;
  std::string until;
  for (const auto& [name, value] : report.options) {
    const bool is_filter =
        name == "since" || name == "until" || name == "status" || name == "where";
    if (name == "since") since = value;
    if (name == "until") until = value;
    if (is_filter && !value.empty()) filters += (filters.empty() ? "\1" : ", \1") + name;
  }
  const bool is_no_time = !until.empty() && since == until;
  context.hooks.warn(fmt::format("no event passes {}: {} filtered away{}", filters,
                                 grouped(report.totals.filtered),
                                 is_no_time ? "; the time of \1until is not included" : ""));
}

void commit_partial(JobResult& output, JobContext& context) {
  output.commit();
  context.outcome = kWrittenOutcome;
  context.report.output_name = output.name();
  context.timer.passed("write partial");
}

void issue_bill(const BillJob& job, const BillKey& key, const Sums& sums, JobResult& output,
                JobContext& context, const std::function<void()>& verify,
                const std::function<void()>& commit_others) {
  JobReport& report = context.report;
  UnratedTasks unrated(job.prices, sums.tasks(), report);
  check_rates(job, sums, unrated, context);
  context.timer.passed("rates");

  // What is written directly cannot be taken back: rated as a whole, and the rest committed,
  // before the first byte.
  const std::uint64_t calls = report.totals.events;
  const SumsObserver count_unrated = [&unrated](std::span<const Sum> rows) { unrated.add(rows); };
  const SumsObserver seen_before = [](std::span<const Sum>) {};
  const bool directly = output.is_direct();
  if (directly) {
    context.begin("rating", 0, calls);
    check_statement_balance(report.totals, rate_all(sums, job, key, context, count_unrated));
    report_unrated(unrated, context);
    verify();
    commit_others();
    context.outcome = kIncompleteOutcome;
    context.timer.passed("rate");
  }
  context.begin("writing", 0, calls);
  report.statement =
      write_statement(sums, job, key, output, context, directly ? seen_before : count_unrated);
  check_statement_balance(report.totals, report.statement);
  if (!directly) report_unrated(unrated, context);
  context.timer.passed("rate and render");

  verify();
  if (!directly) {
    context.checkpoint();
    commit_others();
  }
  output.commit();
  context.outcome = kWrittenOutcome;
  report.output_name = output.name();
  context.timer.passed("commit");
}

}  // namespace billing
