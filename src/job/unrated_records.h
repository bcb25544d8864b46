#pragma once

// Records whose task has no rate, where such are rejects (UnratedPolicy::reject).

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "billing/event_batch.h"
#include "billing/mediate.h"
#include "billing/price_book.h"
#include "billing/record_source.h"
#include "billing/reject.h"
#include "job/event_totals.h"

namespace billing {

/// Drops the records of a batch that have an event without a rate, each as a whole, and adds their
/// rejects, whose columns are still to be found: see column_of(). Returns their quantity.
std::int64_t drop_unrated(EventBatch& batch, EventsOf kind, const PriceBook& prices,
                          std::vector<Reject>& rejects);

/// The column of a reject, which for one of drop_unrated() is where the task stands: found out only
/// for those that are shown. `state` holds at the record.
std::uint32_t column_of(const Reject& reject, const MediationOptions& mediation,
                        std::string_view record, const RecordState* state);

/// Brings rejects of these records into their order and finds their columns.
void set_columns(std::vector<Reject>& rejects, const RecordBytes& records,
                 const MediationOptions& mediation);

}  // namespace billing
