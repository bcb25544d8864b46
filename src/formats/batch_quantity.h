#pragma once

#include <cstddef>
#include <cstdint>

#include "billing/event_batch.h"

namespace billing {

/// The quantity of a batch's events together: 1024 of at most 10^15 - 1 fit.
inline std::int64_t quantity_of(const EventBatch& batch) {
  std::int64_t quantity = 0;
  for (std::size_t i = 0; i < batch.size; ++i) quantity += batch.quantity[i];
  return quantity;
}

}  // namespace billing
