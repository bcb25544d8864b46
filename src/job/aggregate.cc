// The main job, from bytes to result: read aggregate() from top to bottom.

#include "billing/aggregate.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <unistd.h>

#include <mutex>

#include "base/escape_text.h"
#include "billing/error.h"
#include "engine/for_each_block.h"
#include "io/file_identity.h"
#include "io/input.h"
#include "io/output_file.h"
#include "job/control_totals.h"
#include "job/metering.h"
#include "job/pass_timer.h"
#include "job/reject_ledger.h"
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

bool same_output(const std::string& a, const std::string& b) {
  if (a == kStandardStream || b == kStandardStream) {
    return a == b || same_stream(path_of_output(a), path_of_output(b));
  }
  return same_target(a, b) || same_stream(a, b);
}

/// An output must replace neither an input nor the other output.
void check_outputs(const AggregateJob& job, const std::vector<Input>& inputs) {
  std::string complaints;
  const auto check = [&complaints](const char* option, const std::string& path, bool clashes,
                                   const std::string& with) {
    if (!clashes) return;
    if (!complaints.empty()) complaints += '\n';
    complaints +=
        fmt::format("{}: {} is also {}; choose another file", option, quoted_text(path), with);
  };
  const auto check_against_inputs = [&](const char* option, const std::string& path) {
    const auto identity = path == kStandardStream ? identity_of(STDOUT_FILENO) : identity_of(path);
    for (const Input& input : inputs) {
      check(option, path, identity && identity == identity_of(input.fd()), "an input");
    }
  };
  check_against_inputs("--output", job.output);
  if (job.rejects) {
    check_against_inputs("--rejects", *job.rejects);
    check("--rejects", *job.rejects, same_output(job.output, *job.rejects), "the output");
  }
  if (!complaints.empty()) throw Error(ErrorKind::configuration, complaints);
}

/// Finds out early that no bill can come of it: no rate fits, or `--unrated fail`.
void check_rates(const AggregateJob& job, const Sums& sums) {
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
std::vector<UnratedTask> count_unrated(const AggregateJob& job, const Sums& sums,
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
      sums, checkpoint, [&] { return CallCounts{{}, std::vector<std::uint64_t>(place.size())}; },
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

void report_unrated(const AggregateJob& job, const AggregateHooks& hooks, const Sums& sums,
                    const std::function<void()>& checkpoint, AggregateReport& report) {
  check_rates(job, sums);
  report.unrated = count_unrated(job, sums, checkpoint);
  if (report.unrated.empty()) return;
  const std::string tasks = describe_unrated(report.unrated);
  if (job.unrated == UnratedPolicy::fail) {
    throw Error(ErrorKind::configuration,
                "no rate for " + tasks + "; give one with --rate task=0.005 or RATE_<task>=0.005");
  }
  hooks.warn("no rate for " + tasks + ": billed as 0");
}

Metered meter(std::vector<Input>& inputs, const MeteringContext& context) {
  try {
    return context.job.engine == EngineKind::naive ? meter_naive(inputs, context)
                                                   : meter_parallel(inputs, context);
  } catch (const std::exception&) {
    // An input that changes while it is read may fail in other ways first; this says why.
    for (const Input& input : inputs) input.verify_unchanged();
    throw;
  }
}

InputTotals balance(const std::vector<Input>& inputs, const Metered& metered,
                    AggregateReport& report) {
  InputTotals all;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_input_balance(inputs[i], metered.totals[i]);
    report.inputs.emplace_back(inputs[i].name(), metered.totals[i]);
    all += metered.totals[i];
  }
  for (const Input& input : inputs) input.verify_unchanged();
  return all;
}

AggregateReport run(const AggregateJob& job, const AggregateHooks& hooks) {
  AggregateReport report;
  PassTimer timer(report.passes);
  const char* interruption = "interrupted; no result was written";
  const std::function<void()> checkpoint = [&] {
    if (hooks.cancelled()) throw Error(ErrorKind::interrupted, interruption);
  };

  // Inputs and outputs are opened first: what cannot work is said before the work.
  std::vector<Input> inputs = open_inputs(job.inputs);
  check_outputs(job, inputs);
  const auto output = OutputFile::open(
      job.output, NameInFolder{job.started_s, std::string(ending_of(job.output_format))},
      checkpoint);
  const auto rejects_file = job.rejects ? OutputFile::open(*job.rejects, std::nullopt, checkpoint)
                                        : std::unique_ptr<OutputFile>();
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const Input& input : inputs) names.push_back(input.name());
  RejectLedger rejects(rejects_file.get(), names, job.csv_safe);
  timer.passed("open");

  // Bytes to sums.
  const MeteringContext context{job, hooks, checkpoint, rejects, timer};
  const Metered metered = meter(inputs, context);
  report.totals = balance(inputs, metered, report);

  // Too many rejects end the run, but the rejects themselves are kept.
  rejects.flush();
  const auto commit_rejects = [&] {
    if (rejects_file) rejects_file->commit();
  };
  try {
    rejects.enforce(job.reject_limit, report.totals);
  } catch (const Error&) {
    commit_rejects();
    throw;
  }
  report.tasks = metered.sums->tasks();
  if (report.totals.records == 0) hooks.warn("the input is empty; so is the result");
  report_unrated(job, hooks, *metered.sums, checkpoint, report);
  timer.passed("balance");

  // What is written directly cannot be taken back: rated as a whole, and the rejects committed,
  // before the first byte.
  const bool directly = output->is_direct();
  if (directly) {
    check_statement_balance(report.totals, rate_all(*metered.sums, job, checkpoint));
    commit_rejects();
    interruption = "interrupted; what was written is not complete";
    timer.passed("rate");
  }
  report.statement = write_statement(*metered.sums, job, *output, checkpoint);
  check_statement_balance(report.totals, report.statement);
  timer.passed("rate and render");

  for (const Input& input : inputs) input.verify_unchanged();
  if (!directly) {
    checkpoint();
    commit_rejects();
  }
  output->commit();
  report.output_name = output->name();
  timer.passed("commit");
  return report;
}

}  // namespace

AggregateReport aggregate(const AggregateJob& job, const AggregateHooks& hooks) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, job.threads);
  tbb::task_arena arena(static_cast<int>(job.threads));
  return arena.execute([&] { return run(job, hooks); });
}

}  // namespace billing
