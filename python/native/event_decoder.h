#pragma once

// Records of one input -> events in memory, on the calling thread.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "billing/control_totals.h"
#include "billing/event_filter.h"
#include "billing/mediate.h"
#include "billing/record_source.h"
#include "event_columns.h"
#include "reject_table.h"

namespace billing::python {

/// Events with what became of all other records. Filled by one thread; afterwards immutable.
struct DecodedEvents {
  std::shared_ptr<EventsTable> table = std::make_shared<EventsTable>();
  std::shared_ptr<RejectTable> rejects = std::make_shared<RejectTable>();
  InputTotals totals;
  std::string unit;
};

/// One thread at a time. Chunks come in order, from the input's beginning or from a record of it.
class EventDecoder {
 public:
  /// `line` is that of the first record, or 0 where it is not known: then it is 0 for all rejects.
  EventDecoder(MediationOptions mediation, const EventFilter& filter, std::string input_name,
               std::uint64_t begin_bytes, std::uint64_t line);

  /// Adds the events of a chunk as one of the table's, unless there are none. Throws Error(run)
  /// where not all of its bytes, or not all of the quantity, are accounted for.
  void decode(const Chunk& chunk, DecodedEvents& events);

 private:
  void pass_over(const Chunk& chunk, DecodedEvents& events);
  void count(const Chunk& chunk, const MediationCounts& counts, InputTotals& totals) const;

  MediationOptions mediation_;
  EventFilter filter_;
  std::string input_name_;
  std::uint64_t at_;
  std::uint64_t line_;
  std::unique_ptr<EventBatch> batch_ = std::make_unique<EventBatch>();
};

}  // namespace billing::python
