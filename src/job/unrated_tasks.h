#pragma once

// Which tasks have rates, and how many calls those have that do not.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "billing/job_report.h"
#include "billing/price_book.h"
#include "billing/sums.h"
#include "billing/task_names.h"

namespace billing {

/// Finds the tasks of one run that have no rate. Memory: 8 bytes a task, where any has no rate.
class UnratedTasks {
 public:
  /// Fills in the report's rates, used and unused.
  UnratedTasks(const PriceBook& prices, const TaskNames& tasks, JobReport& report);

  std::size_t count() const { return has_others_ ? 0 : tasks_.size() - rated_.size(); }

  /// Counts the calls of one block of sums. Any number of threads at once; does nothing where every
  /// task has a rate.
  void add(std::span<const Sum> rows);

  /// Tells the report of the tasks without a rate and of the calls counted so far.
  void tell(JobReport& report) const;

 private:
  void add_calls(std::uint32_t task, std::uint64_t calls);

  TaskNames tasks_;
  std::vector<std::uint32_t>
      rated_;                ///< indexes of the tasks that have a rate of their own; rising
  bool has_others_ = false;  ///< all others have a rate, too
  std::vector<std::atomic<std::uint64_t>> calls_;  ///< by task, rated ones too
};

/// `'a' (2 calls), 'b' (1 call) and 7 more`.
std::string describe_unrated(const JobReport& report);

/// The end of a message, where an unused rate may have been meant for one of them; or nothing.
std::string suggest_rates(const JobReport& report);
std::string suggest_rates(const JobReport& report, const TaskNames& tasks);

}  // namespace billing
