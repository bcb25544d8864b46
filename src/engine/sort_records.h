#pragma once

// Sorts the records of one user.

#include "engine/deal_sort.h"
#include "engine/packed_event.h"
#include "engine/record.h"

namespace billing {

/// Into the order of operator<. Keeps its scratch space from one call to the next. One per thread;
/// uses the TBB threads of the calling arena for very many records.
class RecordSorter {
 public:
  void sort(CompactRecord* begin, CompactRecord* end);
  void sort(WideRecord* begin, WideRecord* end);
  void sort(PackedEvent* begin, PackedEvent* end);

 private:
  DealSorter<CompactRecord> compact_dealer_;
  DealSorter<PackedEvent> packed_dealer_;
};

}  // namespace billing
