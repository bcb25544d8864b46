#pragma once

// billing.merge(): partials -> a Bill, or one partial.

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds merge() to the module.
void bind_merge(nanobind::module_& module);

}  // namespace billing::python
