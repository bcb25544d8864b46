// Closing of usage on one thread, per event: by what the ids of users look like, by the number of
// tasks, and by the number of cycles.

#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "billing/meter.h"

namespace billing {
namespace {

constexpr std::size_t kEvents = std::size_t{1} << 20;
constexpr std::size_t kUsers = 500'000;

const std::vector<std::vector<std::string>>& prefixes() {
  static const std::vector<std::vector<std::string>> all{
      {"user"},
      {"tenant-production-user"},
      {"arn:aws:iam::123456789012:user/division/", "google-oauth2|1067", "auth0|",
       "tenant-production-europe-west/user-"}};
  return all;
}

/// A second each.
class Seconds final : public CyclePolicy {
 public:
  std::int64_t cycle_of(std::int64_t time_ns) const override { return time_ns / kSecond_ns; }
  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t cycle = cycle_of(time_ns);
    return {cycle * kSecond_ns, (cycle + 1) * kSecond_ns, cycle};
  }
  void append_label(std::int64_t, std::string&) const override {}

 private:
  static constexpr std::int64_t kSecond_ns = 1'000'000'000;
};

std::vector<std::string> names_of_users(const std::vector<std::string>& fronts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kUsers; ++i)
    names.push_back(fronts[i % fronts.size()] + std::to_string(i * 7919 % 1'000'003));
  return names;
}

Usage metered(const MeterOptions& options, const std::vector<std::string>& users,
              const std::vector<std::string>& tasks, std::size_t cycles) {
  Meter meter(options);
  const auto batch = std::make_unique<EventBatch>();
  batch->size = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const std::size_t n = batch->size++;
    batch->time_ns[n] = static_cast<std::int64_t>(i * 15'485'863 % cycles) * 1'000'000'000;
    batch->user[n] = users[i * 7919 % users.size()];
    batch->task[n] = tasks[i * 104'729 % tasks.size()];
    batch->status[n] = 200;
    batch->quantity[n] = i % 2000;
    if (!batch->full()) continue;
    meter.add(*batch);
    batch->size = 0;
  }
  return meter.finish();
}

void close(benchmark::State& state, const std::vector<std::string>& users,
           const std::vector<std::string>& tasks, std::size_t cycles = 0) {
  const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  const Seconds seconds;
  MeterOptions options;
  options.key = {true, cycles > 0, true};
  options.cycles = &seconds;
  for (auto _ : state) {
    state.PauseTiming();
    Usage usage = metered(options, users, tasks, std::max<std::size_t>(cycles, 1));
    state.ResumeTiming();
    benchmark::DoNotOptimize(close(std::move(usage), [] {}));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEvents));
}

/// Short ids, ids that share more than the first 16 bytes, and such of several kinds.
void close_users(benchmark::State& state) {
  close(state, names_of_users(prefixes()[static_cast<std::size_t>(state.range(0))]),
        {"login", "getUserProfile"});
}

void close_tasks(benchmark::State& state) {
  std::vector<std::string> users;
  for (int i = 0; i < 1000; ++i) users.push_back("user" + std::to_string(i));
  std::vector<std::string> tasks;
  for (std::int64_t i = 0; i < state.range(0); ++i) tasks.push_back("task" + std::to_string(i));
  close(state, users, tasks);
}

/// Few of them are added up in a table, many are sorted.
void close_cycles(benchmark::State& state) {
  close(state, names_of_users(prefixes()[0]), {"login", "getUserProfile"},
        static_cast<std::size_t>(state.range(0)));
}

constexpr int kIterations = 5;

BENCHMARK(close_users)->ArgName("kind")->DenseRange(0, 2)->Iterations(kIterations);
BENCHMARK(close_cycles)->Arg(2)->Arg(4)->Arg(100)->Iterations(kIterations);
BENCHMARK(close_tasks)->Arg(10)->Arg(1000)->Arg(100'000)->Arg(1'000'000)->Iterations(kIterations);

}  // namespace
}  // namespace billing
