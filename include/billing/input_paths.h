#pragma once

// From what users name (files, folders, lists of files) to the paths of a job's inputs.
//
//     InputSearch search;
//     search.named = {"logs/"};
//     search.include = {"*.log", "*.log.gz"};
//     FoundInputs found = find_inputs(search, hooks);
//     job.inputs = std::move(found.paths);
//     JobReport report = aggregate(job, hooks);
//     found.tell(report);

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "billing/job_hooks.h"
#include "billing/job_report.h"

namespace billing {

/// What is to be read, as people name it.
struct InputSearch {
  /// Files, folders, and `-` for standard input. A folder stands for the regular files below it and
  /// the links to such; what is hidden is passed over, and folders behind links are not entered.
  std::vector<std::string> named = {};

  /// A file that lists more of them, one a line; `-` is standard input. In the list `-` is the name
  /// of a file.
  std::optional<std::string> files_from = {};
  bool null_separated = false;  ///< paths in `files_from` end in NUL, not in LF

  /// Globs for what is in folders; see docs/inputs.md. With `include`, only files that match one of
  /// these are read; what matches one of `exclude` is not. A folder that matches `exclude` is left
  /// out with all that is in it.
  std::vector<std::string> include = {};
  std::vector<std::string> exclude = {};

  /// Folders in paths tell the date of the files in them: `2025/05/02`, `2025-05-02` or
  /// `date=2025-05-02`. Files more than one day outside [since_ns, until_ns), in ns since 1970, are
  /// left out.
  bool partitioned_by_date = false;
  std::optional<std::int64_t> since_ns = {};
  std::optional<std::int64_t> until_ns = {};
};

struct FoundInputs {
  /// In the order in which they were named, those of a folder by the bytes of their paths. A file
  /// in a folder comes once, whatever names it has. The same file named twice is left to the job,
  /// which refuses it.
  std::vector<std::string> paths;
  /// Nothing where only files were named, and all are read.
  std::optional<InputSearchReport> report;
  double wall_s = 0;  ///< how long it took
  /// What nobody needs to know but who looks for a file that was not read: at most kMaxReported
  /// messages.
  std::vector<std::string> notes;

  /// Adds to a job's report what was found, and the time that it took.
  void tell(JobReport& report_of_job) const;
};

/// Looks for the inputs. Calls `cancelled`, `progress` and `warn` of the hooks, all from this
/// thread. What is named and does not exist stays in the paths: the job says what is wrong with it.
///
/// Throws Error(run) where no file is found, or a folder or the list cannot be read;
/// Error(configuration) for globs where no folder is named; Error(interrupted).
FoundInputs find_inputs(const InputSearch& search, const JobHooks& hooks);

}  // namespace billing
