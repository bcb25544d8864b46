#pragma once

// billing.aggregate(): keywords -> the program's options -> a job -> a Bill.

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds aggregate(), and what tests ask of its options, to the module.
void bind_aggregate(nanobind::module_& module);

}  // namespace billing::python
