// Partials to a bill: read run() from top to bottom.

#include "billing/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/complaints.h"
#include "base/count_text.h"
#include "base/escape_text.h"
#include "billing/bill.h"
#include "billing/cycle_policy.h"
#include "billing/error.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "io/file_identity.h"
#include "job/bill.h"
#include "job/merged_records.h"
#include "job/metered_usage.h"
#include "job/output_guard.h"
#include "job/partial_doubles.h"
#include "partials/partial_file.h"

namespace billing {
namespace {

/// Keeps what the report tells of inputs and, for a partial, all of them.
class InputCollector {
 public:
  /// Both must outlive this.
  InputCollector(const MergeJob& job, JobContext& context) : job_(job), context_(context) {}

  void add(const PartialInput& input) {
    if (overlaps_.memory_bytes() <= context_.memory.names_bytes) overlaps_.add(input);
    JobReport& report = context_.report;
    if (report.inputs.size() < kMaxReported) {
      report.inputs.push_back({shown_name(input), input.totals, {}});
    } else {
      ++report.more_inputs;
    }
    if (job_.partial && fits()) inputs_.add({input.name, input.totals, std::nullopt, input.piece});
  }

  /// Throws Error(run) where some hold the same bytes.
  void refuse_overlaps(std::span<const PartialFile> partials) {
    billing::refuse_overlaps(overlaps_, partials, context_.memory.names_bytes, context_.checkpoint);
  }

  /// Tells what the inputs hold once their records have been compared.
  void settle(const MergedRecords& records) {
    std::vector<InputReport>& reported = context_.report.inputs;
    for (std::size_t i = 0; i < reported.size(); ++i) records.settle(i, reported[i].totals);
    if (!job_.partial || !fits()) return;
    inputs_ = inputs_.with_totals(
        [&records](std::size_t i, InputTotals& totals) { records.settle(i, totals); });
  }

  /// All of them; none where no partial is to be made. Throws Error(run) where they were too many.
  InputList take() {
    if (fits()) return std::move(inputs_);
    throw Error(ErrorKind::run,
                "the partials were made of more than " + counted(inputs_.size(), "input") +
                    ": their names do not fit into a quarter of the memory limit; raise "
                    "\1memory-limit, or make a bill of the partials at once");
  }

 private:
  bool fits() const {
    return inputs_.memory_bytes() + overlaps_.memory_bytes() <= context_.memory.names_bytes;
  }

  const MergeJob& job_;
  JobContext& context_;
  InputOverlaps overlaps_;
  InputList inputs_;
};

/// Opens all of them; all that is wrong with them is reported together.
std::vector<PartialFile> open_partials(const MergeJob& job, InputCollector& inputs,
                                       const JobContext& context) {
  PartialSink sink;
  sink.input = [&inputs](const PartialInput& input) { inputs.add(input); };
  std::vector<PartialFile> partials;
  std::map<FileIdentity, std::string> known;
  Complaints complaints;
  for (const std::string& path : job.partials) {
    try {
      PartialFile partial = open_partial(path, make_cycle_policy, sink, context.checkpoint);
      refuse_last_lines(partial);
      const auto [same, is_new] = known.emplace(partial.identity.value_or(FileIdentity{}), path);
      if (is_new) {
        partials.push_back(std::move(partial));
      } else {
        complaints.add(quoted_text(path) + ": is the same file as " + quoted_text(same->second) +
                       "; name it once");
      }
    } catch (const TooManyFiles&) {
      throw;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::run) throw;
      complaints.add(error.message());
    }
  }
  for (const auto& source : job.sources) {
    try {
      partials.push_back(read_partial(source, make_cycle_policy, sink, context.checkpoint));
      refuse_last_lines(partials.back());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::run) throw;
      complaints.add(error.message());
    }
  }
  if (!complaints.empty()) throw Error(ErrorKind::run, complaints.text());
  return partials;
}

/// What the bill shows of partials that keep `kept`.
GroupBy shown_by(const MergeJob& job, const GroupBy& kept) {
  if (!job.group_by) return kept;
  const GroupBy& shown = *job.group_by;
  if (shown.user <= kept.user && shown.cycle <= kept.cycle) return shown;  // tasks always are
  throw Error(ErrorKind::configuration,
              fmt::format("\1group-by: the partials keep {} and no more; leave out what is not "
                          "among it, or make them anew from their logs",
                          group_by_text({kept.user, kept.cycle, true})));
}

void check_output(const MergeJob& job, const std::vector<PartialFile>& partials) {
  std::vector<UsedFile> used_files = used_files_of(job);
  for (const PartialFile& partial : partials)
    used_files.push_back(used_file(partial.identity, "an input"));
  check_outputs(results_of(job), used_files);
}

/// Mistakes of a host, which no user of the program can make.
void check_settings(const MergeJob& job) {
  check_result(job, /*lists_records=*/false);
  if (job.partials.empty() && job.sources.empty())
    throw std::invalid_argument("no partials to be merged");
  if (job.partial && job.group_by)
    throw std::invalid_argument("a partial of partials keeps everything: it has no group_by");
  if (job.unrated == UnratedPolicy::reject)
    throw std::invalid_argument("a merge rejects no records for want of a rate: they are gone");
}

/// The usage of the records that stay; of a partial, which keeps them, that of the rows alone.
MeteredUsage drop_duplicates(const MergeJob& job, MergedRecords& records, const SumRules& rules,
                             const CyclePolicy& cycles, JobContext& context) {
  context.begin("dropping duplicates");
  MeteredUsage usage{rules, nullptr, {}};
  if (job.partial) {
    records.count();
    usage = records.rows(rules);
  } else {
    const MeterOptions options{
        .key = rules.kept, .cycles = &cycles, .threads = context.memory.threads};
    usage = records.meter(options, rules);
  }
  context.report.totals = records.totals();
  context.timer.passed("meter");
  return usage;
}

void run(const MergeJob& job, JobContext& context) {
  check_settings(job);
  JobReport& report = context.report;
  report.engine = "merge";

  InputCollector inputs(job, context);
  const std::vector<PartialFile> partials = open_partials(job, inputs, context);
  for (const PartialFile& partial : partials) check_same_options(partials.front(), partial);
  check_output(job, partials);
  inputs.refuse_overlaps(partials);
  for (const std::string& doubles : describe_doubles(partials)) context.hooks.warn(doubles);
  JobResult output(job, context.checkpoint);

  const PartialFile& first = partials.front();
  const std::shared_ptr<const CyclePolicy> cycles = make_cycle_policy(first.options.cycles);
  const UsageKey kept = first.options.key();
  const GroupBy shown = shown_by(job, first.options.group_by);
  const UsageKey wanted = job.prices.usage_key(shown);
  const SumRules rules{first.row_kind(), cycles->calls_per_cycle(), kept, wanted};
  MeteredUsage usage{rules, nullptr, UsageRuns(rules.rows, spill_options(job, context))};
  InputSum sum;
  for (const PartialFile& partial : partials) {
    add_together(sum, partial);
    if (!partial.records) usage.in_files.add(partial.rows);
  }
  report.quantity = first.options.quantity;
  report.totals = sum.totals();
  context.timer.passed("open");
  std::optional<MergedRecords> records;
  if (first.records) {
    records.emplace(partials, context.memory, spill_options(job, context));
    usage = drop_duplicates(job, *records, rules, *cycles, context);
    inputs.settle(*records);
  }
  UsageOptions options = first.options;
  options.group_by = shown;
  report.options = shown_options(options);

  warn_of_filters(context);

  context.begin("writing");
  if (job.partial) {
    if (output.is_direct()) context.outcome = kIncompleteOutcome;
    std::optional<KeptSource> with_keys;
    if (records) with_keys.emplace(records->records());
    report.partial_rows = write_partial(usage, {{}, named_options(first.options)}, inputs.take(),
                                        append_to(output.file()), context.checkpoint,
                                        with_keys ? &*with_keys : nullptr);
    context.checkpoint();
    commit_partial(output, context);
  } else {
    const auto sums = make_sums(job, std::move(usage), context);
    issue_bill(
        job, {shown, cycles, first.options.quantity}, *sums, output, context, [] {}, [] {});
  }
}

}  // namespace

JobReport merge(const MergeJob& job, const JobHooks& hooks) {
  constexpr std::size_t kNoChunks = 0;
  return run_job(job, kNoChunks, hooks, [&job](JobContext& context) { run(job, context); });
}

}  // namespace billing
