#pragma once

// Logs that are cut short while they are mapped, as runs with a state map them.

namespace billing::python {

/// While one of these lives, SIGBUS of a lost part of an input becomes the error of the run (see
/// billing/lost_pages.h); any other goes to the handler that was there before. Any thread.
class BusErrorGuard {
 public:
  BusErrorGuard();
  ~BusErrorGuard();
  BusErrorGuard(const BusErrorGuard&) = delete;
  BusErrorGuard& operator=(const BusErrorGuard&) = delete;
};

}  // namespace billing::python
