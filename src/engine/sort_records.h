#pragma once

// Sorts the records of one user. Most users have a few, some have many, and their times are spread
// about evenly: small groups are ranked without branches, larger ones are first dealt out by time.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/record.h"

namespace billing {

/// Keeps its scratch space from one call to the next. One per thread.
class RecordSorter {
 public:
  /// Into the order of their operator<. Uses the TBB threads of the calling arena for very many.
  void sort(CompactRecord* begin, CompactRecord* end);
  void sort(WideRecord* begin, WideRecord* end);

 private:
  void deal_out(CompactRecord* begin, CompactRecord* end);

  std::vector<std::uint32_t> ends_;
  std::vector<CompactRecord> dealt_;
};

}  // namespace billing
