// Partials to a bill: read run() from top to bottom.

#include "billing/merge.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

#include "base/escape_text.h"
#include "billing/cycle_policy.h"
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
      partials.push_back(open_partial(path, make_cycle_policy));
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
    throw Error(ErrorKind::configuration, describe_clash(result_option(job), path, "an input"));
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

void run(const MergeJob& job, JobContext& context) {
  JobReport& report = context.report;
  report.engine = "merge";

  const std::vector<PartialFile> partials = open_partials(job.partials);
  check_options(partials);
  check_output(job, partials);
  warn_of_copies(partials, context.hooks);
  const auto output = open_result(job, context.checkpoint);

  const PartialFile& first = partials.front();
  const std::shared_ptr<const CyclePolicy> cycles = make_cycle_policy(first.cycles);
  const bool events = first.header.events;
  MeteredUsage usage{{events ? cycles->calls_per_cycle() : 0, first.group_by.user},
                     nullptr,
                     UsageRuns(events, spill_options(job, context))};
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
  context.timer.passed("open");

  if (job.partial) {
    report.partial_rows = write_partial(usage, std::move(header), *output, context.checkpoint);
    context.checkpoint();
    commit_partial(*output, context);
  } else {
    const auto sums = make_sums(job, std::move(usage), context);
    issue_bill(
        job, {first.group_by, cycles}, *sums, *output, context, [] {}, [] {});
  }
}

}  // namespace

JobReport merge(const MergeJob& job, const JobHooks& hooks) {
  constexpr std::size_t kNoChunks = 0;
  return run_job(job, kNoChunks, hooks, [&job](JobContext& context) { run(job, context); });
}

}  // namespace billing
