#pragma once

// billing.PartialMaker: files, pieces of files, lines and tables -> a partial, or one for each
// range of users, as bytes.

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds the class PartialMaker to the module.
void bind_partial_maker(nanobind::module_& module);

}  // namespace billing::python
