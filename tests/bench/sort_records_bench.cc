// Sorting a user's records by time, per record, by the number of records: ours beside the standard
// library's.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

#include "engine/sort_records.h"

namespace billing {
namespace {

template <class Sort>
void sort_shuffled(benchmark::State& state, const Sort& sort) {
  constexpr std::size_t kRecords = 1 << 16;
  const auto group = static_cast<std::size_t>(state.range(0));
  std::mt19937_64 random(1);
  std::vector<CompactRecord> shuffled;
  for (std::size_t i = 0; i < kRecords; ++i)
    shuffled.push_back({1'735'689'600 + random() % 31'536'000, 200, random() % 2000, 1, 0});
  std::vector<CompactRecord> records;
  for (auto _ : state) {
    records = shuffled;
    for (std::size_t begin = 0; begin + group <= kRecords; begin += group)
      sort(records.data() + begin, records.data() + begin + group);
    benchmark::DoNotOptimize(records.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kRecords));
}

void record_sorter(benchmark::State& state) {
  RecordSorter sorter;
  sort_shuffled(state, [&](CompactRecord* begin, CompactRecord* end) { sorter.sort(begin, end); });
}
void std_sort(benchmark::State& state) {
  sort_shuffled(state, [](CompactRecord* begin, CompactRecord* end) { std::sort(begin, end); });
}

BENCHMARK(record_sorter)->Arg(5)->Arg(20)->Arg(1000)->Arg(20'000);
BENCHMARK(std_sort)->Arg(5)->Arg(20)->Arg(1000)->Arg(20'000);

}  // namespace
}  // namespace billing
