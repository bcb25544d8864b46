#include "interrupts.h"

#include <utility>

namespace nb = nanobind;

namespace billing::python {

bool Interrupts::poll() {
  if (std::this_thread::get_id() != caller_ || has_raised_) return has_raised_;
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kPause) return false;
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() != 0) {
    raised_.emplace();
    has_raised_ = true;
  }
  looked_ = std::chrono::steady_clock::now();
  return has_raised_;
}

void Interrupts::rethrow() {
  if (!has_raised_) return;
  nb::python_error raised = std::move(*raised_);
  raised_.reset();
  throw raised;
}

}  // namespace billing::python
