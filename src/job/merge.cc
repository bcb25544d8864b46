// Partials to a bill: read run() from top to bottom.

#include "billing/merge.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/escape_text.h"
#include "billing/error.h"
#include "io/file_identity.h"
#include "job/bill.h"
#include "job/metered_usage.h"
#include "partials/partial_file.h"

namespace billing {
namespace {

/// Opens all of them; all that is wrong with them is reported together.
std::vector<PartialFile> open_partials(const std::vector<std::string>& paths) {
  std::vector<PartialFile> partials;
  std::vector<std::optional<FileIdentity>> identities;
  std::string complaints;
  const auto complain = [&complaints](const std::string& what) {
    complaints += (complaints.empty() ? "" : "\n") + what;
  };
  for (const std::string& path : paths) {
    try {
      partials.push_back(open_partial(path));
    } catch (const Error& error) {
      complain(error.what());
      continue;
    }
    identities.push_back(identity_of(partials.back().rows.fd->get()));
    for (std::size_t i = 0; i + 1 < partials.size(); ++i) {
      if (identities[i] == identities.back()) {
        complain(quoted_text(path) + ": is the same file as " + quoted_text(partials[i].rows.name) +
                 "; name it once");
      }
    }
  }
  if (!complaints.empty()) throw Error(ErrorKind::run, complaints);
  return partials;
}

void check_options(const std::vector<PartialFile>& partials) {
  const PartialFile& first = partials.front();
  for (const PartialFile& other : partials) {
    const std::string difference = describe_difference(first.header.options, first.rows.name,
                                                       other.header.options, other.rows.name);
    if (difference.empty()) continue;
    throw Error(ErrorKind::run, "these partials were made with different options:\n" + difference +
                                    "\nmake them alike from their logs, or bill each by itself");
  }
}

void check_output(const MergeJob& job, const std::vector<PartialFile>& partials) {
  const std::string& path = result_path(job);
  const auto identity = identity_of_output(path);
  for (const PartialFile& partial : partials) {
    if (!identity || identity != identity_of(partial.rows.fd->get())) continue;
    throw Error(ErrorKind::configuration,
                fmt::format("{}: {} is also an input; choose another file", result_option(job),
                            quoted_text(path)));
  }
}

void warn_of_copies(const std::vector<PartialFile>& partials, const JobHooks& hooks) {
  for (std::size_t i = 0; i < partials.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      const PartialFile& a = partials[k];
      const PartialFile& b = partials[i];
      if (a.rows.header_checksum != b.rows.header_checksum || a.size_bytes != b.size_bytes ||
          a.header.totals().accepted == 0)
        continue;
      hooks.warn(
          fmt::format("{} and {} say the same of themselves: if one is a copy of the other, "
                      "its calls are billed twice",
                      quoted_text(a.rows.name), quoted_text(b.rows.name)));
    }
  }
}

JobReport run(const MergeJob& job, const JobHooks& hooks) {
  JobReport report;
  report.engine = "merge";
  PassTimer timer(report.passes);
  JobContext context{hooks, timer, report};
  const std::function<void()> checkpoint = [&context] { context.checkpoint(); };

  const std::vector<PartialFile> partials = open_partials(job.partials);
  check_options(partials);
  check_output(job, partials);
  warn_of_copies(partials, hooks);
  const auto output = open_result(job, checkpoint);

  const PartialFile& first = partials.front();
  const std::shared_ptr<const CyclePolicy> cycles = make_cycle_policy(first.cycles);
  const bool events = first.header.events;
  const MemoryPlan memory = plan_memory(job, kDefaultChunkBytes);
  MeteredUsage usage{{events ? cycles->calls_per_cycle() : 0, first.group_by.user},
                     nullptr,
                     UsageRuns(events, spill_options(job, memory, checkpoint, report))};
  PartialHeader header{events, first.header.options, {}, {}};
  for (const PartialFile& partial : partials) {
    for (const PartialInput& input : partial.header.inputs) {
      header.inputs.push_back({input.name, input.totals, std::nullopt});
      report.inputs.push_back({input.name, input.totals, {}});
    }
    usage.in_files.add(partial.rows);
  }
  if (!balances(header.inputs)) {
    throw Error(ErrorKind::run, "these partials hold more together than can be counted");
  }
  report.totals = header.totals();
  timer.passed("open");

  if (job.partial) {
    report.partial_rows = write_partial(usage, std::move(header), *output, checkpoint);
    checkpoint();
    commit_partial(*output, context);
  } else {
    const auto sums = make_sums(job, std::move(usage), checkpoint, report);
    issue_bill(
        job, {first.group_by, cycles}, *sums, *output, context, [] {}, [] {});
  }
  return report;
}

/// Counts what goes by.
class ContentCounter final : public UsageSink {
 public:
  explicit ContentCounter(PartialContent& content) : content_(content) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    if (first_row == 0 && !user.empty()) ++content_.users;
  }
  void add(std::span<const UsageRow> rows) override {
    content_.rows += rows.size();
    for (const UsageRow& row : rows) {
      PartialContent::Task& task = content_.tasks[row.task];
      task.calls += content_.events ? 1 : row.extra;
      task.quantity += row.quantity;
    }
  }

 private:
  PartialContent& content_;
};

}  // namespace

JobReport merge(const MergeJob& wanted, const JobHooks& hooks) {
  MergeJob job = wanted;
  job.threads = threads_within(job, 0);
  return in_arena(job, hooks, wanted.threads, [&] { return run(job, hooks); });
}

PartialContent inspect_partial(const std::string& path, const JobHooks& hooks) {
  const PartialFile partial = open_partial(path);
  PartialContent content;
  content.size_bytes = partial.size_bytes;
  content.events = partial.header.events;
  content.options = partial.header.options;
  for (const PartialInput& input : partial.header.inputs)
    content.inputs.push_back({input.name, input.totals, {}});
  content.totals = partial.header.totals();
  for (const std::string& task : partial.header.tasks) content.tasks.push_back({task, 0, 0});

  UsageRuns runs(content.events, {});
  runs.add(partial.rows);
  ContentCounter counter(content);
  const auto stream = runs.merged().open();
  while (stream->next(counter)) {
    if (hooks.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
  }
  return content;
}

}  // namespace billing
