#pragma once

// What a driver needs to know before it hands pieces of inputs to others: which inputs there are,
// how each is read, which can be cut, and the prices.

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds the class _Plan to the module.
void bind_plan(nanobind::module_& module);

}  // namespace billing::python
