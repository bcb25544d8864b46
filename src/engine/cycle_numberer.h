#pragma once

// Usage -> sums: numbers the runs of N calls of each user.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "billing/ordered_usage.h"
#include "billing/sums.h"

namespace billing {

/// Rows of usage come in, in order; sums are appended to a list: by cycle, then task. One thread.
class CycleNumberer final : public UsageSink {
 public:
  /// `rows` must outlive the numberer or be replaced by continue_in().
  CycleNumberer(const Numbering& numbering, std::vector<Sum>& rows)
      : numbering_(numbering), rows_(&rows) {}

  /// For events `first_row` is at a cycle's border, or where the rows before have ended. The name
  /// is what the sums point to.
  void begin_user(std::string_view user, std::uint64_t first_row) override;
  void add(std::span<const UsageRow> rows) override;

  /// Completes the last cycle. Nothing may be added to it afterwards.
  void finish();

  /// How many sums at the list's end belong to a cycle under way. There may be more of it that are
  /// not in the list yet.
  std::size_t open_sums() const { return calls_ == 0 ? 0 : rows_->size() - first_; }

  /// Goes on in another list, which begins with those sums. The user under way is now called
  /// `user`.
  void continue_in(std::vector<Sum>& rows, std::string_view user);

 private:
  void add_event(const UsageRow& row);
  void end_cycle();
  void combine_tasks();

  Numbering numbering_;
  std::vector<Sum>* rows_;
  std::string_view user_;
  // Of the cycle of calls under way.
  std::int64_t cycle_ = 1;
  std::uint64_t calls_ = 0;
  std::size_t first_ = 0;  ///< its first sum in rows_
  std::size_t pending_limit_ = 0;

  // Its sums, until it ends: those of the first tasks by name, which needs neither a search nor a
  // sort; those of later ones in rows_.
  static constexpr std::uint32_t kFirstTasks = 64;
  struct TaskSum {
    std::uint64_t calls = 0;
    Int128 quantity = 0;
  };
  std::array<TaskSum, kFirstTasks> first_tasks_;
  std::uint64_t used_tasks_ = 0;  ///< a bit for each of the first tasks that has a sum
};

}  // namespace billing
