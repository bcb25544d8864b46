#pragma once

// What became of the records of a job, a maker or a reader, as Python has it.

#include <nanobind/nanobind.h>

#include <string>

#include "billing/control_totals.h"

namespace billing::python {

/// Counts by name, `rejected_by_reason` with the reasons that there are, `quantity` a Decimal of
/// the unit and with so many digits, and times of the first and the last accepted event, or None.
nanobind::dict dict_of(const InputTotals& totals, const std::string& unit, int digits);

}  // namespace billing::python
