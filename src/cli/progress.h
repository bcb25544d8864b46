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
  ~ProgressLine() { wipe(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// Any thread.
  void show(const Progress& progress);

  /// Before anything else is written there.
  void wipe();

 private:
  using Clock = std::chrono::steady_clock;

  bool shown_on_terminal_;
  Clock::time_point start_ = Clock::now();
  std::atomic<Clock::rep> next_show_;
  std::atomic<bool> visible_ = false;
};

}  // namespace billing::cli
