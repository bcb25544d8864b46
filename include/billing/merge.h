#pragma once

// Partials -> a bill, or one partial: the same bytes as one run over all that they were made of.
//
//     MergeJob job;
//     job.partials = {"may-1.partial", "may-2.partial"};
//     job.output = "may.txt";
//     job.prices = PriceBook::build(layers, mistakes);
//     const JobReport report = merge(job, JobHooks());

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/bill.h"
#include "billing/byte_source.h"
#include "billing/group_by.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"

namespace billing {

/// Describes one job. merge() does not keep it.
struct MergeJob : BillJob {
  std::vector<std::string> partials;  ///< paths of regular files; each file once
  /// Further partials, that are in memory or elsewhere. With `partials` at least one.
  std::vector<std::shared_ptr<const ByteSource>> sources;
  /// What the bill shows. Users and cycles can be shown only where the partials keep them. Nothing:
  /// what the partials were made to show. Must be nothing in a job that makes a partial, which
  /// keeps everything.
  std::optional<GroupBy> group_by;
};

/// Runs the job; on return the result is in place. Threads, and what a result to a pipe means, are
/// as for aggregate(). Throws Error with nothing written: of kind `run` where a partial is damaged,
/// no partial, or named twice, or two were made with different options; of kind `configuration`
/// where the partials do not keep what is to be shown.
JobReport merge(const MergeJob& job, const JobHooks& hooks);

}  // namespace billing
