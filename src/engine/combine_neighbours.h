#pragma once

// Adding up rows that follow each other and belong together.

#include "billing/sums.h"

namespace billing {

/// Adds up neighbours that `same_key(const Sum&, const Sum&)` holds for. Returns the new end.
template <class SameKey>
Sum* combine_neighbours(Sum* begin, Sum* end, const SameKey& same_key) {
  if (begin == end) return end;
  Sum* last = begin;
  for (const Sum* next = begin + 1; next < end; ++next) {
    if (same_key(*last, *next)) {
      last->calls += next->calls;
      last->quantity = add_saturating(last->quantity, next->quantity);
    } else {
      *++last = *next;
    }
  }
  return last + 1;
}

}  // namespace billing
