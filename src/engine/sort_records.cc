#include "engine/sort_records.h"

#include <oneapi/tbb/parallel_sort.h>
#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <array>
#include <bit>

namespace billing {
namespace {

/// As many as are quickly compared each with each.
constexpr std::size_t kRankedRecords = 32;

/// More records than this are worth the threads of a parallel sort.
constexpr std::size_t kParallelSortRecords = std::size_t{1} << 17;

/// Records of a bucket, on average.
constexpr std::size_t kBucketRecords = 8;

/// Sorts at most kRankedRecords: a record's place is the number of those that come before it.
void rank(const CompactRecord* from, std::size_t count, CompactRecord* to) {
  std::array<std::uint64_t, kRankedRecords> orders;
  for (std::size_t i = 0; i < count; ++i) orders[i] = from[i].order();
  std::uint64_t taken = 0;
  bool ties = false;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint64_t place = 0;
    for (std::size_t j = 0; j < count; ++j) place += orders[j] < orders[i];
    for (; (taken >> place & 1) != 0; ++place) ties = true;
    taken |= std::uint64_t{1} << place;
    to[place] = from[i];
  }
  if (!ties) return;
  for (std::size_t i = 1; i < count; ++i) {  // those of equal order, by quantity
    const CompactRecord record = to[i];
    std::size_t place = i;
    for (; place > 0 && record < to[place - 1]; --place) to[place] = to[place - 1];
    to[place] = record;
  }
}

template <class Record>
void sort_many(Record* begin, Record* end) {
  // Isolated: a thread that waits here must not start on other work with this thread's scratch
  // space.
  tbb::this_task_arena::isolate([begin, end] { tbb::parallel_sort(begin, end); });
}

}  // namespace

void RecordSorter::sort(WideRecord* begin, WideRecord* end) {
  const auto count = static_cast<std::size_t>(end - begin);
  if (std::is_sorted(begin, end)) return;
  if (count > kParallelSortRecords) {
    sort_many(begin, end);
  } else {
    std::sort(begin, end);
  }
}

void RecordSorter::sort(CompactRecord* begin, CompactRecord* end) {
  const auto count = static_cast<std::size_t>(end - begin);
  if (std::is_sorted(begin, end)) return;  // logs often come in the order of time
  if (count > kParallelSortRecords) {
    sort_many(begin, end);
  } else if (count > kRankedRecords) {
    deal_out(begin, end);
  } else {
    std::array<CompactRecord, kRankedRecords> sorted;
    rank(begin, count, sorted.data());
    std::copy_n(sorted.data(), count, begin);
  }
}

/// One pass into buckets of equal spans of order, and each of them sorted on its way back.
void RecordSorter::deal_out(CompactRecord* begin, CompactRecord* end) {
  const auto count = static_cast<std::size_t>(end - begin);
  std::uint64_t lowest = begin->order();
  std::uint64_t highest = lowest;
  for (const CompactRecord* record = begin; record < end; ++record) {
    lowest = std::min(lowest, record->order());
    highest = std::max(highest, record->order());
  }
  const auto bucket_bits = static_cast<unsigned>(std::bit_width(count / kBucketRecords));
  const auto span_bits = static_cast<unsigned>(std::bit_width(highest - lowest));
  const unsigned shift = span_bits > bucket_bits ? span_bits - bucket_bits : 0;
  const auto bucket_of = [lowest, shift](const CompactRecord& record) {
    return (record.order() - lowest) >> shift;
  };

  ends_.assign((std::size_t{1} << bucket_bits) + 1, 0);
  for (const CompactRecord* record = begin; record < end; ++record) ++ends_[bucket_of(*record) + 1];
  for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
  if (dealt_.size() < count) dealt_.resize(count);
  for (const CompactRecord* record = begin; record < end; ++record)
    dealt_[ends_[bucket_of(*record)]++] = *record;

  std::size_t first = 0;
  for (std::size_t bucket = 0; first < count; ++bucket) {
    const std::size_t last = ends_[bucket];
    if (last - first <= kRankedRecords) {
      rank(&dealt_[first], last - first, begin + first);
    } else {
      std::copy(&dealt_[first], &dealt_[first] + (last - first), begin + first);
      std::sort(begin + first, begin + last);
    }
    first = last;
  }
}

}  // namespace billing
