// The main job, from bytes to result: read run() from top to bottom.

#include "billing/aggregate.h"

#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <unistd.h>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/file_identity.h"
#include "io/input.h"
#include "io/output_file.h"
#include "job/bill.h"
#include "job/control_totals.h"
#include "job/metering.h"
#include "job/reject_ledger.h"

namespace billing {
namespace {

constexpr const char* kStandardStream = "-";

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
  check_against_inputs(result_option(job), result_path(job));
  if (job.rejects) {
    check_against_inputs("--rejects", *job.rejects);
    check("--rejects", *job.rejects, same_output(result_path(job), *job.rejects), "the output");
  }
  if (!complaints.empty()) throw Error(ErrorKind::configuration, complaints);
}

/// Of either engine.
struct Outcome {
  std::vector<InputTotals> totals;  ///< by input
  MeteredUsage usage;               ///< of the parallel engine
  std::unique_ptr<Sums> sums;       ///< of the sequential baseline
};

Outcome meter(std::vector<Input>& inputs, const MeteringContext& context) {
  try {
    if (context.job.engine == EngineKind::naive) {
      NaivelySummed naive = sum_naively(inputs, context);
      return {std::move(naive.totals), {}, std::move(naive.sums)};
    }
    Metered metered = meter_parallel(inputs, context);
    return {std::move(metered.totals), std::move(metered.usage), nullptr};
  } catch (const std::exception&) {
    // An input that changes while it is read may fail in other ways first; this says why.
    for (const Input& input : inputs) input.verify_unchanged();
    throw;
  }
}

InputTotals balance(const std::vector<Input>& inputs, const std::vector<InputTotals>& totals,
                    JobReport& report) {
  InputTotals all;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    check_input_balance(inputs[i], totals[i]);
    report.inputs.emplace_back(inputs[i].name(), totals[i]);
    all += totals[i];
  }
  for (const Input& input : inputs) input.verify_unchanged();
  return all;
}

PartialHeader header_of(const AggregateJob& job, const JobReport& report) {
  PartialHeader header;
  header.options = usage_options(job.group_by, job.cycle_settings, job.filter);
  for (const auto& [name, totals] : report.inputs) header.inputs.push_back({name, totals, {}});
  return header;
}

JobReport run(const AggregateJob& job, const JobHooks& hooks) {
  JobReport report;
  report.engine = job.engine == EngineKind::naive ? "naive" : "parallel";
  PassTimer timer(report.passes);
  JobContext context{hooks, timer, report};
  const std::function<void()> checkpoint = [&context] { context.checkpoint(); };

  // Inputs and outputs are opened first: what cannot work is said before the work.
  std::vector<Input> inputs = open_inputs(job.inputs);
  check_outputs(job, inputs);
  const auto output = open_result(job, checkpoint);
  const auto rejects_file = job.rejects ? OutputFile::open(*job.rejects, std::nullopt, checkpoint)
                                        : std::unique_ptr<OutputFile>();
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const Input& input : inputs) names.push_back(input.name());
  RejectLedger rejects(rejects_file.get(), names, job.csv_safe);
  timer.passed("open");

  // Bytes to usage.
  Outcome outcome = meter(inputs, {job, hooks, checkpoint, rejects, timer});
  report.totals = balance(inputs, outcome.totals, report);
  report.spilled_bytes = outcome.usage.in_files.spilled_bytes();

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
  if (report.totals.records == 0) hooks.warn("the input is empty; so is the result");
  const auto verify_inputs = [&inputs] {
    for (const Input& input : inputs) input.verify_unchanged();
  };

  // Usage to a partial, or to a bill.
  if (job.partial) {
    report.partial_rows = write_partial(outcome.usage, header_of(job, report), *output, checkpoint);
    verify_inputs();
    checkpoint();
    commit_rejects();
    output->commit();
    report.output_name = output->name();
    timer.passed("write partial");
    return report;
  }
  if (!outcome.sums) outcome.sums = make_sums(std::move(outcome.usage), checkpoint);
  issue_bill(job, {job.group_by, job.cycles}, *outcome.sums, *output, context, verify_inputs,
             commit_rejects);
  return report;
}

}  // namespace

JobReport aggregate(const AggregateJob& job, const JobHooks& hooks) {
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, job.threads);
  tbb::task_arena arena(static_cast<int>(job.threads));
  return arena.execute([&] { return run(job, hooks); });
}

}  // namespace billing
