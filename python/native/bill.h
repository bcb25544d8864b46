#pragma once

// The result of a job as Python has it.

#include <nanobind/nanobind.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bill_table.h"
#include "billing/bill.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "interrupts.h"
#include "reject_table.h"

namespace billing::python {

/// A table of rejects as Python has it.
struct Rejects {
  std::shared_ptr<const RejectTable> table;
};

/// Immutable.
struct Bill {
  std::shared_ptr<const BillTable> table;  ///< null where the usage went to a partial
  std::shared_ptr<const RejectTable> rejects;
  std::vector<std::string> warnings;
  JobReport report;
  std::string summary;  ///< the program's, for programs: JSON
  bool csv_safe = false;
  std::optional<std::string> partial;
};

/// What a job tells while it runs. Made by the thread that runs it; outlives the job.
class RunNotes {
 public:
  explicit RunNotes(std::uint64_t kept_rejects = RejectTable::kMaxRejects);
  /// Hooks that stay valid as long as this object.
  const JobHooks& hooks() const { return hooks_; }

  Interrupts interrupts;
  std::vector<std::string> warnings;
  std::shared_ptr<RejectTable> rejects;

 private:
  JobHooks hooks_;
};

/// Runs a job without the GIL and raises what it throws, the caller's table of rejects with it.
JobReport run_without_gil(RunNotes& notes, const std::function<JobReport(const JobHooks&)>& run);

/// Runs a job whose bill, unless it asks for a partial, becomes a table; `csv_safe` is how the bill
/// is written where its caller does not say. Warns as Python does.
Bill run_to_bill(BillJob& job, bool csv_safe, RunNotes& notes,
                 const std::function<JobReport(const JobHooks&)>& run);

/// Adds the classes Bill and Rejects to the module.
void bind_bill(nanobind::module_& module);

}  // namespace billing::python
