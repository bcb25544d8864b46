// Interning of names that are known already, per name, by the number of names.

#include <benchmark/benchmark.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "engine/name_table.h"

namespace billing {
namespace {

void intern(benchmark::State& state) {
  constexpr std::size_t kSlice = 128;
  constexpr std::size_t kLookups = 1 << 20;
  const auto count = static_cast<std::size_t>(state.range(0));
  NameTable table(8, 64);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) {
    names.push_back("user" + std::to_string(i));
    table.intern(names.back(), hash_name(names.back()));
  }
  // The names stand side by side, as they do in a log.
  std::mt19937_64 random(1);
  std::string log;
  std::vector<std::size_t> begins;
  for (std::size_t i = 0; i < kLookups; ++i) {
    begins.push_back(log.size());
    log += names[random() % count];
  }
  begins.push_back(log.size());

  std::size_t next = 0;
  for (auto _ : state) {
    std::array<HashedName, kSlice> hashed;
    std::array<NameRef, kSlice> found;
    std::array<std::string_view, kSlice> texts;
    for (std::size_t i = 0; i < kSlice; ++i, ++next) {
      const std::size_t n = next % kLookups;
      texts[i] = std::string_view(log).substr(begins[n], begins[n + 1] - begins[n]);
      hashed[i] = hash_name(texts[i]);
      table.prefetch_bucket(hashed[i].hash);
    }
    for (std::size_t i = 0; i < kSlice; ++i) found[i] = table.find(hashed[i].hash);
    for (std::size_t i = 0; i < kSlice; ++i)
      benchmark::DoNotOptimize(table.intern(texts[i], hashed[i], found[i]));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kSlice));
}

BENCHMARK(intern)->Arg(5)->Arg(1000)->Arg(100'000)->Arg(1'000'000);

}  // namespace
}  // namespace billing
