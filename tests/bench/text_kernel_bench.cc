// Decoding text in the cache, at each SIMD level, per record.

#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>

#include "billing/mediate.h"

namespace billing {
namespace {

constexpr std::size_t kTextBytes = 256 * 1024;

/// Lines as logs have them; `user_bytes` and `line_end` make variants.
std::string make_log(std::size_t user_bytes, const char* line_end) {
  std::mt19937_64 random(1);
  const char* const tasks[] = {"login", "getUserProfile", "createOrder", "updateInventory",
                               "deleteOrder"};
  const auto two_digits = [&random](std::uint64_t low, std::uint64_t count) {
    return std::to_string(100 + low + random() % count).substr(1);
  };
  std::string text;
  while (text.size() < kTextBytes) {
    std::string user = "user" + std::to_string(random() % 1000);
    if (user.size() < user_bytes) user.append(user_bytes - user.size(), 'x');
    text += "2025-" + two_digits(1, 12) + "-" + two_digits(1, 28) + "T" + two_digits(0, 24) + ":" +
            two_digits(0, 60) + ":" + two_digits(0, 60) + "Z " + user + " " + tasks[random() % 5] +
            " 200 " + std::to_string(1 + random() % 2000) + "ms" + line_end;
  }
  return text;
}

void decode(benchmark::State& state, SimdLevel level, const std::string& text) {
  const auto batch = std::make_unique<EventBatch>();
  MediationOptions options;
  options.simd = level;
  std::int64_t records = 0;
  for (auto _ : state) {
    const MediationCounts counts = mediate(
        {text, text.size()}, options, *batch,
        [](EventBatch& events) { benchmark::DoNotOptimize(events.size); }, [](const Reject&) {});
    records += static_cast<std::int64_t>(counts.records);
  }
  state.SetItemsProcessed(records);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

const int kRegistered = [] {
  for (const SimdLevel level : available_simd_levels()) {
    const std::string name = "decode/" + std::string(name_of(level));
    const auto add = [&](const char* variant, const std::string& text) {
      benchmark::RegisterBenchmark(
          (name + "/" + variant).c_str(),
          [level, text](benchmark::State& state) { decode(state, level, text); });
    };
    add("common", make_log(0, "\n"));
    add("cr_lf", make_log(0, "\r\n"));
    add("users_of_36_bytes", make_log(36, "\n"));
  }
  return 0;
}();

}  // namespace
}  // namespace billing
