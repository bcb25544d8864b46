// The main job, from bytes to result: read run() from top to bottom.

#include "billing/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/error.h"
#include "io/file_source.h"
#include "io/input.h"
#include "io/output_file.h"
#include "job/bill.h"
#include "job/control_totals.h"
#include "job/duplicate_file.h"
#include "job/incremental_run.h"
#include "job/input_formats.h"
#include "job/job_check.h"
#include "job/job_warnings.h"
#include "job/metering.h"
#include "job/output_guard.h"
#include "job/reject_ledger.h"

namespace billing {
namespace {

std::vector<Input> open_inputs(const AggregateJob& job, const JobContext& context) {
  std::vector<Input> inputs =
      open_inputs(job.inputs, job.state ? InputNeed::file : InputNeed::stream);
  for (Input& input : inputs) {
    input.set_max_window_bytes(context.memory.window_bytes);
    if (job.max_input_bytes) input.set_max_text_bytes(*job.max_input_bytes);
  }
  return inputs;
}

void check_outputs(const AggregateJob& job, const std::vector<Input>& inputs) {
  std::vector<OutputTarget> outputs = results_of(job);
  if (job.rejects) outputs.push_back({"\1rejects", *job.rejects, OutputContent::rejects});
  if (job.duplicates) outputs.push_back({"\1duplicates", *job.duplicates, OutputContent::rejects});
  std::vector<UsedFile> used_files = used_files_of(job);
  for (const Input& input : inputs) used_files.push_back(used_file(input.identity(), "an input"));
  if (job.state) {
    used_files.push_back({"a file of the state", [&job](const std::string& output) {
                            return StateFolder::owns(*job.state, output);
                          }});
    used_files.push_back(
        {"in the folder of the state, which holds nothing else",
         [&job](const std::string& output) { return StateFolder::holds(*job.state, output); }});
  }
  check_outputs(outputs, used_files);
}

std::vector<std::string> names_of(const std::vector<LedgerInput>& inputs) {
  std::vector<std::string> names;
  names.reserve(inputs.size());
  for (const LedgerInput& input : inputs) names.push_back(input.name);
  return names;
}

/// A record of what is not mapped is kept whole until it ends.
void check_record_limit(const AggregateJob& job, const std::vector<Input>& inputs) {
  const auto is_stream = [&job](const Input& input) {
    return !job.maps_inputs || !input.counted_bytes();
  };
  if (std::none_of(inputs.begin(), inputs.end(), is_stream) ||
      job.mediation.max_record_bytes <= job.memory_limit_bytes / 2)
    return;
  throw Error(
      ErrorKind::configuration,
      fmt::format(
          "\1max-record-bytes: records of {} bytes, of a pipe or a compressed file, take more "
          "than half of the memory limit ({} MB); lower it, or raise "
          "\1memory-limit",
          grouped(job.mediation.max_record_bytes), job.memory_limit_bytes / 1'000'000));
}

/// An input that changes while it is read may fail in other ways first: `verify` says why.
MeteringResult meter(const AggregateJob& job, const CyclePolicy& cycles, Reading& reading,
                     RejectLedger& rejects, const TakeDuplicate& take_duplicate,
                     JobContext& context, const std::function<void()>& verify) {
  try {
    if (job.engine == EngineKind::naive) {
      return meter_naively(job, reading.formats, cycles, reading.inputs, rejects, take_duplicate,
                           context);
    }
    return meter_parallel(job, cycles, reading, rejects, take_duplicate, context);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::interrupted) verify();
    throw;
  } catch (const std::exception&) {
    verify();
    throw;
  }
}

void verify_unchanged(const std::vector<Input>& inputs,
                      const std::optional<IncrementalRun>& incremental) {
  if (incremental) return incremental->verify(inputs);
  for (const Input& input : inputs) input.verify_unchanged();
}

/// Nothing was lost of what was read.
void balance(const std::vector<std::string>& names, const MeteringResult& metered) {
  for (std::size_t i = 0; i < names.size(); ++i)
    check_input_balance(names[i], metered.input_bytes[i], metered.totals[i]);
}

/// Too many rejects among what this run has read end it, and so does a run of nothing but rejects,
/// unless it is one of many (`--state`): then a bad night does not stop the bill of all others. The
/// rejects themselves are kept; where that fails too, both are told.
void enforce_limit(const AggregateJob& job, RejectLedger& rejects, const InputTotals& read,
                   const std::string& advice, const JobHooks& hooks,
                   const std::function<void()>& commit_rejects) {
  using Verdict = RejectLedger::Verdict;
  const Verdict verdict =
      RejectLedger::judge(job.reject_limit, read, /*has_file=*/job.rejects.has_value());
  std::string message =
      verdict == Verdict::good ? "" : rejects.describe(verdict, read, job.state.has_value());
  if (verdict == Verdict::good || (verdict == Verdict::nothing_accepted && job.state)) {
    rejects.finish();
    if (!message.empty()) hooks.warn(message.substr(0, message.size() - 1));
    return;
  }
  const bool is_nothing = read.accepted + read.filtered + read.duplicates == 0;
  if (is_nothing && !advice.empty()) message += advice + "\n";
  const bool may_allow_more = verdict == Verdict::too_many;
  if (!job.rejects) {
    message += may_allow_more ? "to bill without them: \1rejects FILE sets them aside, "
                                "\1max-rejects N|P% allows that many"
                              : "\1rejects FILE lists all of them";
    throw Error(ErrorKind::rejects, message);
  }
  try {
    rejects.finish();
    commit_rejects();
    message += "all of them are in the rejects file";
    if (may_allow_more) message += "; raise \1max-rejects to bill without them";
  } catch (const Error& failure) {
    message += failure.message();
  }
  throw Error(ErrorKind::rejects, message);
}

void account(const std::vector<std::string>& names, const MeteringResult& metered,
             std::optional<IncrementalRun>& incremental, JobReport& report) {
  for (const InputTotals& totals : metered.totals) report.read_totals += totals;
  for (std::size_t i = 0; i < metered.filtered_by.size(); ++i)
    report.filters[i].records = metered.filtered_by[i];
  const std::vector<std::uint64_t>& with = metered.measures.with;
  for (std::size_t i = 0; i < report.measures.size() && i < with.size(); ++i)
    report.measures[i].records = with[i];
  report.measured_records = metered.measures.records;
  if (incremental) return incremental->account(metered, report);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_known = i < metered.compressed_bytes.size();
    report.inputs.push_back(
        {names[i], metered.totals[i], {}, is_known ? metered.compressed_bytes[i] : 0});
    report.totals += metered.totals[i];
  }
}

/// The header of a partial that holds everything that the report covers.
PartialHeader header_of(const AggregateJob& job, const JobReport& report,
                        const std::optional<IncrementalRun>& incremental) {
  PartialHeader header;
  header.options = job.usage;
  if (incremental) {
    header.inputs = incremental->billed_inputs();
    if (incremental->last_lines().totals.records > 0)
      header.inputs.push_back(incremental->last_lines());
  } else {
    for (const InputReport& input : report.inputs)
      header.inputs.push_back({input.name, input.totals, {}});
  }
  return header;
}

/// Who takes the rejects of a run: the rejects file (which first gets those left by earlier runs),
/// the host, and the state, which keeps them until some run has listed them.
class RejectTakers {
 public:
  RejectTakers(const AggregateJob& job, const JobContext& context, OutputFile* file,
               std::optional<IncrementalRun>& incremental) {
    if (file != nullptr) takers_.push_back(&rows_.emplace(*file, job.csv_safe));
    if (context.hooks.reject) takers_.push_back(&hook_.emplace(context.hooks.reject));
    if (!incremental) return;
    if (rows_) incremental->rejects().deliver_earlier(*rows_);
    if (rows_ || job.reject_limit) takers_.push_back(&incremental->rejects());
  }

  const std::vector<RejectTaker*>& all() const { return takers_; }

 private:
  std::optional<RejectFile> rows_;
  std::optional<RejectHook> hook_;
  std::vector<RejectTaker*> takers_;
};

void store(IncrementalRun& incremental, MeteringResult& metered, JobContext& context) {
  context.begin("storing");
  incremental.store(metered);
  context.timer.passed("store");
}

/// The records of everything that the report covers, by inputs as in header_of().
std::optional<KeptSource> kept_of(const MeteringResult& metered,
                                  const std::optional<IncrementalRun>& incremental) {
  if (!metered.deduped) return std::nullopt;
  const DedupedUsage& deduped = *metered.deduped;
  KeptSource kept{*deduped.stage, deduped.billed.tasks, {}};
  if (incremental) {
    kept.input_of = incremental->stage_inputs();
    const auto last_lines = static_cast<std::uint32_t>(incremental->billed_inputs().size());
    kept.input_of.resize(deduped.stage->input_count(), last_lines);
  } else {
    kept.input_of.resize(deduped.stage->input_count());
    std::iota(kept.input_of.begin(), kept.input_of.end(), std::uint32_t{0});
  }
  return kept;
}

void issue_partial(MeteredUsage& usage, const PartialHeader& header,
                   const std::optional<KeptSource>& kept, JobResult& output, JobContext& context,
                   const std::function<void()>& verify,
                   const std::function<void()>& commit_others) {
  context.begin("writing");
  if (output.is_direct()) context.outcome = kIncompleteOutcome;
  context.report.partial_rows =
      write_partial(usage, header, output.file(), context.checkpoint, kept ? &*kept : nullptr);
  verify();
  context.checkpoint();
  commit_others();
  commit_partial(output, context);
}

/// With what the formats decide. Those of a source have been checked to be what the usage says, but
/// may say it in other pieces.
AggregateJob settled(AggregateJob job, const InputFormats& formats) {
  if (job.mediation.decoder) return job;
  if (job.source) {
    job.usage.where = decoding_format(job.mediation).settings().where;
    return job;
  }
  job.usage.quantity = formats.quantity();
  job.usage.where = job.format.where;
  job.usage.dedupe = job.format.dedupe;
  check(job.usage);
  return job;
}

/// For what is said of rejects.
void set_formats(const InputFormats& formats, Reading& reading) {
  for (std::size_t i = 0; i < reading.inputs.size(); ++i)
    reading.ledger[i].format = &formats.records(i);
}

/// What is new in the inputs of a run with a state, or all of them.
Reading plan_reading(const AggregateJob& job, const InputFormats& formats,
                     std::vector<Input> opened, std::optional<IncrementalRun>& incremental) {
  if (incremental) return incremental->plan(formats);
  Reading reading = read_all(job, std::move(opened), formats);
  set_formats(formats, reading);
  return reading;
}

void tell_settings(const AggregateJob& job, const InputFormats& formats, JobReport& report) {
  report.engine = job.engine == EngineKind::naive ? "naive" : "parallel";
  report.options = shown_options(job.usage);
  report.quantity = job.usage.quantity;
  if (!has_own_format(job)) report.formats = formats.report(job.inputs.size());
  report.rejects_name = job.rejects;
  for (const std::string& where : job.usage.where) report.filters.push_back({where});
  for (const Measure& measure : job.format.measures) report.measures.push_back({measure});
}

void run(const AggregateJob& asked, JobContext& context) {
  JobReport& report = context.report;
  const std::shared_ptr<const CyclePolicy> cycles = make_cycle_policy(asked.usage.cycles);
  check_job(asked, *cycles);
  // Inputs and outputs are opened first: what cannot work is said before the work.
  std::vector<Input> opened = open_inputs(asked, context);
  std::optional<InputFormats> formats;
  if (!asked.state) formats.emplace(choose_input_formats(asked, opened, context.checkpoint));
  check_record_limit(asked, opened);
  std::optional<IncrementalRun> incremental;
  if (asked.state) incremental.emplace(asked, context);
  check_outputs(asked, opened);
  JobResult output(asked, context.checkpoint);
  const auto rejects_file = open_rejects(asked.rejects, context.checkpoint);
  context.timer.passed("open");
  // A log that is known goes on in its format, so logs are compared first.
  if (incremental) {
    context.begin("comparing");
    formats.emplace(incremental->compare(std::exchange(opened, {})));
  }
  const AggregateJob job = settled(asked, *formats);
  Reading reading = plan_reading(job, *formats, std::move(opened), incremental);
  const std::vector<std::string> names = names_of(reading.ledger);
  DuplicateFile duplicates(job, names, context.checkpoint);
  const RejectTakers takers(job, context, rejects_file.get(), incremental);
  RejectLedger rejects(takers.all(), std::move(reading.ledger), context.hooks.record_columns);
  if (incremental) context.timer.passed("compare");

  tell_settings(job, *formats, report);

  // Bytes to usage.
  const auto verify = [&] { verify_unchanged(reading.inputs, incremental); };
  MeteringResult metered =
      meter(job, *cycles, reading, rejects, duplicates.taker(), context, verify);
  balance(names, metered);
  verify();
  account(names, metered, incremental, report);

  const auto commit_rejects = [&] {
    if (rejects_file) rejects_file->commit();
  };
  enforce_limit(job, rejects, report.read_totals, formats->advice(), context.hooks, commit_rejects);
  warn_of_nothing(report, context.hooks);
  warn_of_filters(context);
  if (formats->has_wrappers()) warn_of_streams(*formats, names, metered.totals, context.hooks);
  if (incremental) store(*incremental, metered, context);
  // Before the result: a run that ends in between is made good by the next, which bills all that
  // the state holds. But what is written directly may fail to the last.
  const auto commit_state = [&] {
    if (incremental) incremental->commit();
  };
  const auto commit_others = [&] {
    commit_rejects();
    duplicates.commit();
    if (!output.is_direct()) commit_state();
  };

  // Usage to a partial, or to a bill.
  if (job.partial) {
    issue_partial(metered.usage, header_of(job, report, incremental), kept_of(metered, incremental),
                  output, context, verify, commit_others);
  } else {
    if (!metered.sums) metered.sums = make_sums(job, std::move(metered.usage), context);
    warn_of_no_tasks(job, metered.sums->tasks(), context.hooks);
    issue_bill(job, {job.usage.group_by, cycles, job.usage.quantity}, *metered.sums, output,
               context, verify, commit_others);
  }
  if (output.is_direct()) commit_state();
  if (incremental) incremental->end();
}

}  // namespace

JobReport aggregate(const AggregateJob& job, const JobHooks& hooks) {
  std::uint64_t thread_bytes = job.chunk_bytes;
  if (!job.maps_inputs || reads_streams(job.inputs))
    thread_bytes = FileSource::max_buffer_bytes(job.chunk_bytes, job.mediation.max_record_bytes);
  return run_job(job, thread_bytes, hooks, [&job](JobContext& context) { run(job, context); });
}

}  // namespace billing
