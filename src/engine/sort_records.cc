#include "engine/sort_records.h"

#include <oneapi/tbb/parallel_sort.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>

namespace billing {
namespace {

/// More records than this are worth the threads of a parallel sort, which needs no further memory.
constexpr std::ptrdiff_t kParallelSortRecords = 1 << 17;

template <class Record>
void sort_many(Record* begin, Record* end) {
  // Isolated: a thread that waits here must not start on other work with this thread's scratch
  // space.
  tbb::this_task_arena::isolate([begin, end] { tbb::parallel_sort(begin, end); });
}

template <class Record>
void sort_by(DealSorter<Record>& dealer, Record* begin, Record* end) {
  if (std::is_sorted(begin, end)) return;  // logs often come in the order of time
  if (end - begin > kParallelSortRecords) {
    sort_many(begin, end);
  } else {
    dealer.sort(begin, static_cast<std::size_t>(end - begin));
  }
}

}  // namespace

void RecordSorter::sort(CompactRecord* begin, CompactRecord* end) {
  sort_by(compact_dealer_, begin, end);
}

void RecordSorter::sort(PackedEvent* begin, PackedEvent* end) {
  sort_by(packed_dealer_, begin, end);
}

void RecordSorter::sort(WideRecord* begin, WideRecord* end) {
  if (std::is_sorted(begin, end)) return;
  if (end - begin > kParallelSortRecords) {
    sort_many(begin, end);
  } else {
    std::sort(begin, end);
  }
}

}  // namespace billing
