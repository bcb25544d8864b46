#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
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

  std::string describe(const Progress& progress, Clock::time_point now);

  bool shown_on_terminal_;
  std::atomic<Clock::rep> next_show_;
  std::atomic<bool> visible_ = false;

  std::mutex mutex_;
  std::string pass_;               // shown last
  Clock::time_point turn_start_;   // when its turn began
  std::uint64_t done_before_ = 0;  // in its earlier turns
};

}  // namespace billing::cli
