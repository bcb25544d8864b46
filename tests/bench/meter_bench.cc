// Metering of decoded events, per event, by the number of users: sums beside names, sums as
// records, and events.

#include <benchmark/benchmark.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "billing/meter.h"

namespace billing {
namespace {

/// Of so many days, or runs of five calls.
class BenchCycles final : public CyclePolicy {
 public:
  BenchCycles(std::int64_t days, std::uint64_t calls)
      : length_ns_(days * 86'400 * 1'000'000'000), calls_(calls) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override { return time_ns / length_ns_; }
  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t cycle = cycle_of(time_ns);
    return {cycle * length_ns_, (cycle + 1) * length_ns_, cycle};
  }
  void append_label(std::int64_t cycle, std::string& out) const override {
    out += std::to_string(cycle);
  }
  bool are_few() const override { return length_ns_ >= kFew_ns; }
  std::uint64_t calls_per_cycle() const override { return calls_; }

 private:
  static constexpr std::int64_t kFew_ns = std::int64_t{30} * 86'400 * 1'000'000'000;
  std::int64_t length_ns_;
  std::uint64_t calls_;
};

/// A stream of a month's events whose users and times are strewn about, handed over batch by batch.
class EventStream {
 public:
  explicit EventStream(std::size_t users) : batch_(std::make_unique<EventBatch>()) {
    for (std::size_t i = 0; i < users; ++i) users_.push_back("user" + std::to_string(i));
  }

  const EventBatch& next() {
    batch_->size = kEventBatchCapacity;
    for (std::size_t i = 0; i < kEventBatchCapacity; ++i) {
      batch_->time_ns[i] =
          static_cast<std::int64_t>(1'735'689'600 + random_() % 2'592'000) * 1'000'000'000;
      batch_->user[i] = users_[random_() % users_.size()];
      batch_->task[i] = tasks_[random_() % tasks_.size()];
      batch_->status[i] = 200;
      batch_->quantity[i] = 1 + random_() % 2000;
    }
    return *batch_;
  }

 private:
  std::mt19937_64 random_{1};
  std::vector<std::string> users_;
  std::vector<std::string> tasks_{"login", "getUserProfile", "createOrder", "updateInventory",
                                  "deleteOrder"};
  std::unique_ptr<EventBatch> batch_;
};

void meter(benchmark::State& state, const UsageKey& key, const BenchCycles& cycles) {
  constexpr std::size_t kBatches = 64;
  EventStream events(static_cast<std::size_t>(state.range(0)));
  std::vector<EventBatch> batches;
  for (std::size_t i = 0; i < kBatches; ++i) batches.push_back(events.next());
  MeterOptions options;
  options.key = key;
  options.cycles = &cycles;
  Meter meter(options);
  std::size_t next = 0;
  for (auto _ : state) meter.add(batches[next++ % kBatches]);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kEventBatchCapacity));
}

void meter_per_user(benchmark::State& state) { meter(state, {true, false, false}, {30, 0}); }
void meter_per_month(benchmark::State& state) { meter(state, {true, true, true}, {30, 0}); }
void meter_per_day(benchmark::State& state) { meter(state, {true, true, true}, {1, 0}); }
void meter_per_five_calls(benchmark::State& state) { meter(state, {true, true, true}, {30, 5}); }

constexpr int kIterations = 4000;  // records pile up: not as many as would be precise

BENCHMARK(meter_per_user)->Arg(1000)->Arg(60'000)->Iterations(kIterations);
BENCHMARK(meter_per_month)->Arg(1000)->Arg(60'000)->Iterations(kIterations);
BENCHMARK(meter_per_day)->Arg(1000)->Arg(60'000)->Iterations(kIterations);
BENCHMARK(meter_per_five_calls)->Arg(1000)->Arg(60'000)->Iterations(kIterations);

}  // namespace
}  // namespace billing
