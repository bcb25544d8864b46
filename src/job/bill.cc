#include "job/bill.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "base/escape_text.h"
#include "billing/error.h"
#include "engine/for_each_block.h"
#include "io/file_identity.h"
#include "job/control_totals.h"
#include "job/statement_output.h"

namespace billing {
namespace {

constexpr const char* kStandardStream = "-";

std::string_view ending_of(OutputFormat format) {
  switch (format) {
    case OutputFormat::text:
      return "txt";
    case OutputFormat::csv:
      return "csv";
    case OutputFormat::jsonl:
      return "jsonl";
  }
  __builtin_unreachable();
}

/// A path for standard output too, whatever it leads to.
std::string path_of_output(const std::string& path) {
  return path == kStandardStream ? "/dev/stdout" : path;
}

/// Finds out early that no bill can come of it: no rate fits, or `--unrated fail`.
void check_rates(const BillJob& job, const Sums& sums) {
  std::size_t unrated = 0;
  for (const std::string& task : sums.tasks()) unrated += job.prices.find(task) == nullptr;
  if (unrated > 0 && unrated == sums.tasks().size() && job.unrated == UnratedPolicy::unset) {
    std::string message = "none of the tasks has a rate, so every cost would be 0: ";
    for (std::size_t i = 0; i < sums.tasks().size() && i < 5; ++i) {
      message += (i > 0 ? ", " : "") + quoted_text(sums.tasks()[i]);
    }
    if (sums.tasks().size() > 5) message += ", ...";
    throw Error(
        ErrorKind::configuration,
        message +
            "\ngive rates with --rate task=0.005, RATE_<task>=0.005 in the environment or in "
            ".env (--env-file FILE); or say --unrated zero");
  }
}

/// Calls of each task that has no rate. One look at all rows, only where there is such a task.
std::vector<UnratedTask> count_unrated(const BillJob& job, const Sums& sums,
                                       const std::function<void()>& checkpoint) {
  std::vector<UnratedTask> unrated;
  std::vector<std::size_t> place(sums.tasks().size(), 0);  // in `unrated`, from 1
  for (std::size_t task = 0; task < sums.tasks().size(); ++task) {
    if (job.prices.find(sums.tasks()[task]) != nullptr) continue;
    unrated.push_back({sums.tasks()[task], 0});
    place[task] = unrated.size();
  }
  if (unrated.empty()) return unrated;

  struct CallCounts {
    SumBlock block;
    std::vector<std::uint64_t> calls;
  };
  for_each_block<CallCounts>(
      sums, checkpoint,
      [&] {
        return CallCounts{{}, std::vector<std::uint64_t>(place.size())};
      },
      [](CallCounts& counts) {
        std::fill(counts.calls.begin(), counts.calls.end(), 0);
        for (const Sum& row : counts.block.rows) counts.calls[row.task] += row.calls;
      },
      [&](CallCounts& counts) {
        for (std::size_t task = 0; task < place.size(); ++task) {
          if (place[task] != 0) unrated[place[task] - 1].calls += counts.calls[task];
        }
      });
  return unrated;
}

std::string describe_unrated(const std::vector<UnratedTask>& unrated) {
  constexpr std::size_t kShown = 10;
  std::string text;
  for (std::size_t i = 0; i < unrated.size() && i < kShown; ++i) {
    text += fmt::format("{}{} ({} {})", i > 0 ? ", " : "", quoted_text(unrated[i].task),
                        unrated[i].calls, unrated[i].calls == 1 ? "call" : "calls");
  }
  if (unrated.size() > kShown) text += fmt::format(" and {} more", unrated.size() - kShown);
  return text;
}

void report_unrated(const BillJob& job, const Sums& sums, JobContext& context) {
  check_rates(job, sums);
  std::vector<UnratedTask>& unrated = context.report.unrated;
  unrated = count_unrated(job, sums, context.checkpoint);
  if (unrated.empty()) return;
  const std::string tasks = describe_unrated(unrated);
  if (job.unrated == UnratedPolicy::fail) {
    throw Error(ErrorKind::configuration,
                "no rate for " + tasks + "; give one with --rate task=0.005 or RATE_<task>=0.005");
  }
  context.hooks.warn("no rate for " + tasks + ": billed as 0");
}

}  // namespace

const char* result_option(const BillJob& job) { return job.partial ? "--partial" : "--output"; }
const std::string& result_path(const BillJob& job) {
  return job.partial ? *job.partial : job.output;
}

std::unique_ptr<OutputFile> open_result(const BillJob& job,
                                        const std::function<void()>& checkpoint) {
  if (job.partial) return OutputFile::open(*job.partial, std::nullopt, checkpoint);
  return OutputFile::open(job.output,
                          NameInFolder{job.started_s, std::string(ending_of(job.output_format))},
                          checkpoint);
}

std::optional<FileIdentity> identity_of_output(const std::string& path) {
  return path == kStandardStream ? identity_of(STDOUT_FILENO) : identity_of(path);
}

std::string describe_clash(const char* option, const std::string& path, const std::string& with) {
  return fmt::format("{}: {} is also {}; choose another file", option, quoted_text(path), with);
}

bool same_output(const std::string& a, const std::string& b) {
  if (a == kStandardStream || b == kStandardStream) {
    return a == b || same_stream(path_of_output(a), path_of_output(b));
  }
  return same_target(a, b) || same_stream(a, b);
}

void commit_partial(OutputFile& output, JobContext& context) {
  output.commit();
  context.report.output_name = output.name();
  context.timer.passed("write partial");
}

void issue_bill(const BillJob& job, const BillKey& key, const Sums& sums, OutputFile& output,
                JobContext& context, const std::function<void()>& verify,
                const std::function<void()>& commit_others) {
  JobReport& report = context.report;
  report.tasks = sums.tasks();
  report_unrated(job, sums, context);
  context.timer.passed("balance");

  // What is written directly cannot be taken back: rated as a whole, and the rest committed,
  // before the first byte.
  const bool directly = output.is_direct();
  if (directly) {
    check_statement_balance(report.totals, rate_all(sums, job, key, context.checkpoint));
    verify();
    commit_others();
    context.interruption = "interrupted; what was written is not complete";
    context.timer.passed("rate");
  }
  report.statement = write_statement(sums, job, key, output, context.checkpoint);
  check_statement_balance(report.totals, report.statement);
  context.timer.passed("rate and render");

  verify();
  if (!directly) {
    context.checkpoint();
    commit_others();
  }
  output.commit();
  report.output_name = output.name();
  context.timer.passed("commit");
}

}  // namespace billing
