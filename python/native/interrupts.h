#pragma once

// Ctrl-C while work is done without the GIL.

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "billing/error.h"

namespace billing::python {

/// Lets Python's signal handlers run now and then, as only the thread that called may. Made by that
/// thread. What a handler raises, such as KeyboardInterrupt, ends the work.
class Interrupts {
 public:
  /// Whether the work shall end. Any thread, without the GIL.
  bool poll();

  /// Throws Error(interrupted) where the work shall end. Likewise.
  void check() {
    if (poll()) throw Error(ErrorKind::interrupted, "interrupted");
  }

  /// Does the work without the GIL, which the caller holds. Where it ends because of what a handler
  /// has raised, that is raised in place of its Error.
  template <class Work>
  void run(const Work& work) {
    try {
      const nanobind::gil_scoped_release release;
      work();
    } catch (const Error&) {
      rethrow();
      throw;
    }
  }

 private:
  void rethrow();

  static constexpr std::chrono::milliseconds kPause{50};

  const std::thread::id caller_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
  std::atomic<bool> has_raised_ = false;
  std::optional<nanobind::python_error> raised_;
};

/// The work of an object of Python, call by call.
class WorkInSteps {
 public:
  /// `class_name` is for messages.
  explicit WorkInSteps(const char* class_name) : class_name_(class_name) {}

  /// Does a step as Interrupts::run() does. Throws Error(run) where another thread is within one.
  template <class Step>
  void run(const Step& step) {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock())
      throw Error(ErrorKind::run,
                  std::string("this ") + class_name_ + " is at work in another thread");
    interrupts_.emplace();
    interrupts_->run(step);
  }

  /// Within a step: whether it shall end, and the same as Error(interrupted). Any thread.
  bool is_interrupted() { return interrupts_ && interrupts_->poll(); }
  void check() { interrupts_->check(); }

 private:
  const char* class_name_;
  std::mutex mutex_;
  std::optional<Interrupts> interrupts_;  // of the last step
};

}  // namespace billing::python
