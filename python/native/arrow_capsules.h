#pragma once

// Arrow's structs in the capsules by which libraries of Python hand them on (the PyCapsule
// interface): what `__arrow_c_schema__` and `__arrow_c_stream__` return.

#include <nanobind/nanobind.h>

#include <memory>
#include <vector>

#include "arrow_export.h"

namespace billing::python {

nanobind::object stream_of(std::unique_ptr<ArrowSource> source);
nanobind::object schema_of(const std::vector<ArrowField>& fields);

}  // namespace billing::python
