// Closing of usage on one thread, per event: by what the ids of users look like, and by the number
// of tasks.

#include <benchmark/benchmark.h>
#include <oneapi/tbb/global_control.h>

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

class NoCycles final : public CyclePolicy {
 public:
  std::int64_t cycle_of(std::int64_t) const override { return 0; }
  CycleSpan span_of(std::int64_t) const override { return {0, 1, 0}; }
  void append_label(std::int64_t, std::string&) const override {}
  std::uint64_t calls_per_cycle() const override { return 0; }
};

std::vector<std::string> names_of_users(const std::vector<std::string>& fronts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kUsers; ++i)
    names.push_back(fronts[i % fronts.size()] + std::to_string(i * 7919 % 1'000'003));
  return names;
}

Usage metered(const MeterOptions& options, const std::vector<std::string>& users,
              const std::vector<std::string>& tasks) {
  Meter meter(options);
  const auto batch = std::make_unique<EventBatch>();
  batch->size = 0;
  for (std::size_t i = 0; i < kEvents; ++i) {
    const std::size_t n = batch->size++;
    batch->time_ns[n] = 0;
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
           const std::vector<std::string>& tasks) {
  const tbb::global_control one_thread(tbb::global_control::max_allowed_parallelism, 1);
  const NoCycles cycles;
  MeterOptions options;
  options.group_by = {true, false, true};
  options.cycles = &cycles;
  for (auto _ : state) {
    state.PauseTiming();
    Usage usage = metered(options, users, tasks);
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

constexpr int kIterations = 5;

BENCHMARK(close_users)->ArgName("kind")->DenseRange(0, 2)->Iterations(kIterations);
BENCHMARK(close_tasks)->Arg(10)->Arg(1000)->Arg(100'000)->Arg(1'000'000)->Iterations(kIterations);

}  // namespace
}  // namespace billing
