#pragma once

#include "billing/mediate.h"

namespace billing {

/// mediate() for the API log; see there.
MediationCounts mediate_text(const RecordBytes& records, const MediationOptions& options,
                             EventBatch& batch, const BatchSink& on_batch,
                             const RejectSink& on_reject);

}  // namespace billing
