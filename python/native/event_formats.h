#pragma once

// How an EventReader reads its inputs, and which fields it keeps of them.

#include <nanobind/nanobind.h>

#include <string>
#include <vector>

#include "billing/aggregate.h"
#include "billing/choose_format.h"
#include "billing/mediate.h"
#include "event_decoder.h"

namespace billing::python {

/// Columns of fields, and their selectors.
struct FieldColumns {
  std::vector<std::string> names;
  std::vector<std::string> selectors;
};

/// Of a dict of names and selectors, or None. Raises TypeError, and throws Error(configuration) for
/// names that no column may have.
FieldColumns columns_of(const nanobind::object& fields);

/// How inputs are read: as each begins. One thread at a time.
class EventFormats {
 public:
  EventFormats(AggregateJob job, FieldColumns columns);

  const AggregateJob& job() const { return job_; }

  /// Throws Error(configuration) where no format fits, or the options make no sense with it.
  const MediationOptions& choose(const InputSample& sample);

  /// A table of the columns that events will have.
  DecodedEvents no_events() const;

 private:
  AggregateJob job_;
  FieldColumns columns_;
  MediationOptions ready_;
};

}  // namespace billing::python
