#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "billing/aggregate.h"

namespace billing::cli {

/// A line on the terminal for runs of more than a second: what the job is at, how much of it is
/// done, and while it reads how fast and how long yet. Never wider than the terminal. Shows nothing
/// where standard error is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  ~ProgressLine() { wipe(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Any thread.
  void show(const Progress& progress);

  /// Before anything else is written there.
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;

  std::string describe(const Progress& progress, Clock::time_point now) const;

  bool shown_on_terminal_;
  Clock::time_point start_ = Clock::now();
  std::atomic<Clock::rep> next_show_;
  std::atomic<bool> visible_ = false;
};

}  // namespace billing::cli
