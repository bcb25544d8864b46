#pragma once

// Ctrl-C while a job runs without the GIL.

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

namespace billing::python {

/// Lets Python's signal handlers run now and then, as only the thread that called may. Made by that
/// thread. What a handler raises, such as KeyboardInterrupt, ends the work.
class Interrupts {
 public:
  /// Whether the work shall end. Any thread, without the GIL.
  bool poll();

  /// With the GIL: raises what a handler has raised, if any.
  void rethrow();

 private:
  static constexpr std::chrono::milliseconds kPause{50};

  const std::thread::id caller_ = std::this_thread::get_id();
  std::chrono::steady_clock::time_point looked_ = std::chrono::steady_clock::now();
  std::atomic<bool> has_raised_ = false;
  std::optional<nanobind::python_error> raised_;
};

}  // namespace billing::python
