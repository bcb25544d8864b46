#pragma once

#include "billing/mediate.h"

namespace billing {

/// mediate() for the API log; see there.
MediationCounts mediate_text(std::string_view bytes, std::size_t readable_bytes, SimdLevel simd,
                             EventBatch& batch, const std::function<void(EventBatch&)>& on_batch,
                             const std::function<void(const Reject&)>& on_reject);

}  // namespace billing
