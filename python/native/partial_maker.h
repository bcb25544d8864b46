#pragma once

// billing.PartialMaker: files, pieces of files and lines -> a partial, as bytes.

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds the class PartialMaker to the module.
void bind_partial_maker(nanobind::module_& module);

}  // namespace billing::python
