#pragma once

// billing.check(): what inputs are, before they are billed.

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds check() and its result to the module.
void bind_check(nanobind::module_& module);

}  // namespace billing::python
