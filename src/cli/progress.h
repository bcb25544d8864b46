#pragma once

#include <atomic>
#include <chrono>

#include "billing/aggregate.h"

namespace billing::cli {

/// A line on the terminal for runs of more than a second: share done, GB/s, time left. Shows
/// nothing where standard error is no terminal.
class ProgressLine {
 public:
  explicit ProgressLine(bool wanted);
  /// Wipes the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Any thread.
  void show(const Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_on_terminal_;
  Clock::time_point start_ = Clock::now();
  std::atomic<Clock::rep> next_show_;
  std::atomic<bool> visible_ = false;
};

}  // namespace billing::cli
