#pragma once

// billing.merge(): partials -> a Bill, or one partial.

#include <nanobind/nanobind.h>

#include <cstdint>
#include <optional>

#include "bill.h"

namespace billing::python {

/// The bill of partials; options as of merge(). Where `splits` are given, each partial comes as a
/// pair (split, bytes), and the splits must be 0..splits - 1, once each: throws Error(run) else.
Bill bill_of_partials(nanobind::handle partials, std::optional<std::uint64_t> splits,
                      nanobind::dict keywords);

/// Adds merge() to the module.
void bind_merge(nanobind::module_& module);

}  // namespace billing::python
