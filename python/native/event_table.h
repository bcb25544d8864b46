#pragma once

// Rows of a table in memory, or of a stream of batches, as records of a job: each becomes an event
// or a reject.

#include <nanobind/nanobind.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/choose_format.h"
#include "billing/mediate.h"
#include "billing/quantity.h"
#include "billing/record_source.h"
#include "keywords.h"

namespace billing::python {

/// Whether Python's object is a table: it has `__arrow_c_stream__`.
bool is_table(nanobind::handle given);

/// Keywords of aggregate() that have no meaning for a table.
std::vector<Refusal> table_refusals();

/// A table, opened: what a job reads it with.
struct EventTable {
  std::shared_ptr<RecordSource> source;
  Decoder decoder;
  QuantityRules quantity;
};

/// `settings` name the columns (plain names; time, user, task, status and duration_ms where they
/// are not said, and status need not be there) and say what quantities are. `time_unit` is that of
/// times that are integers: s, ms, us or ns. Throws Error(configuration) where a column is not
/// there or of a type that makes no event. Needs the GIL.
EventTable open_table(nanobind::handle table, const std::string& name,
                      const FormatSettings& settings, const std::optional<std::string>& time_unit);

}  // namespace billing::python
