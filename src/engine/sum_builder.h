#pragma once

// Rows of usage -> sums: numbers the runs of N calls of each user, and brings together what the
// sums are not to tell apart.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "billing/ordered_usage.h"
#include "billing/sums.h"

namespace billing {

/// Rows of usage come in, in order; sums are appended to a list: by cycle, part, task. One thread.
class SumBuilder final : public UsageSink {
 public:
  /// `sums` must outlive the builder or be replaced by continue_in().
  SumBuilder(const SumRules& rules, std::vector<Sum>& sums);

  /// For cycles of calls `first_row` must be where a cycle begins, or where the rows added before
  /// end. The sums point to `user`, which must live as long as they do.
  void begin_user(std::string_view user, std::uint64_t first_row) override;
  void add(std::span<const UsageRow> rows) override;

  /// Completes the last group. Nothing may be added to it afterwards.
  void finish();

  /// Whether rows that follow each other are brought together in groups: cycles of calls, cycles
  /// whose parts are not told apart, or users whose cycles are not.
  bool groups() const { return groups_; }

  /// How many sums at the list's end belong to a group under way. There may be more of it that are
  /// not in the list yet.
  std::size_t open_sums() const { return calls_ == 0 ? 0 : sums_->size() - first_; }

  /// Goes on in another list, which begins with those sums. The user under way is now called
  /// `user`.
  void continue_in(std::vector<Sum>& sums, std::string_view user);

 private:
  void add_ungrouped(std::span<const UsageRow> rows);
  void add_events(std::span<const UsageRow> rows);
  void add_sums(std::span<const UsageRow> rows);
  void add_to_group(std::uint32_t part, std::uint32_t task, std::uint64_t calls, Int128 quantity);
  void begin_group();
  void keep(const Sum& sum);
  void end_group();
  void combine();

  SumRules rules_;
  bool groups_;
  std::uint64_t calls_per_cycle_;              // no limit where cycles are not wanted
  std::vector<std::uint32_t> wanted_part_of_;  // by part of the usage
  std::vector<Sum>* sums_;
  std::string_view user_;
  // The group under way.
  std::int64_t cycle_ = 0;
  std::uint64_t calls_ = 0;
  std::size_t first_ = 0;  ///< its first sum in sums_
  std::size_t pending_limit_ = 0;

  // The group's sums until it ends. The first tasks by name have a place each in first_tasks_, so
  // they need neither a search nor a sort. Sums of later tasks, sums beyond 64 bits and, where
  // there are parts, all sums are in sums_.
  static constexpr std::uint32_t kFirstTasks = 64;
  struct TaskSum {
    std::uint64_t calls = 0;
    std::int64_t quantity = 0;
  };
  std::array<TaskSum, kFirstTasks> first_tasks_;
  std::uint32_t first_task_count_;
  std::uint64_t used_tasks_ = 0;  ///< a bit for each of the first tasks that has a sum
};

}  // namespace billing
