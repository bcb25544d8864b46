#pragma once

#include "billing/mediate.h"

namespace billing {

/// mediate() for the API log; see there.
MediationCounts mediate_text(const RecordBytes& records, const MediationOptions& options,
                             EventBatch& batch, const BatchSink& on_batch,
                             const RejectSink& on_reject);

/// Where the task of a record that is an event begins: 1-based byte.
std::uint32_t text_task_column(std::string_view record);

}  // namespace billing
