#pragma once

#include <nanobind/nanobind.h>

namespace billing::python {

/// Adds the classes EventReader, Events and EventPieces to the module.
void bind_event_reader(nanobind::module_& module);

}  // namespace billing::python
