#pragma once

// The small language of the tests of the engine: events, meters that take them, and the sums that
// come of it, beside the sums that a plain map gives.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "billing/meter.h"
#include "billing/money.h"

namespace billing {

struct Event {
  std::int64_t time_ns;
  std::string user;
  std::string task;
  std::uint16_t status = 200;
  std::int64_t quantity = 1;
};

using Events = std::vector<Event>;

/// A row of Sums that owns its names.
struct Row {
  std::string user;
  std::int64_t cycle;
  std::string task;
  std::uint64_t calls;
  Int128 quantity;
  std::uint32_t part = 0;
  bool operator==(const Row&) const = default;
};

using Rows = std::vector<Row>;

inline void PrintTo(const Row& row, std::ostream* out) {
  std::string quantity;
  append_amount(quantity, row.quantity, 0);
  *out << row.user << " " << row.cycle << " " << row.task << ": " << row.calls << ", " << quantity
       << " part " << row.part;
}

inline constexpr std::int64_t kSecond_ns = 1'000'000'000;

/// Ten seconds each, or runs of N calls.
class TestCycles final : public CyclePolicy {
 public:
  explicit TestCycles(std::uint64_t calls = 0, bool are_few = false)
      : calls_(calls), are_few_(are_few) {}

  std::int64_t cycle_of(std::int64_t time_ns) const override { return span_of(time_ns).cycle; }
  CycleSpan span_of(std::int64_t time_ns) const override {
    const std::int64_t length_ns = 10 * kSecond_ns;
    const std::int64_t cycle = time_ns / length_ns - (time_ns % length_ns < 0 ? 1 : 0);
    return {cycle * length_ns, (cycle + 1) * length_ns, cycle};
  }
  void append_label(std::int64_t cycle, std::string& out) const override {
    out += std::to_string(cycle);
  }
  bool are_few() const override { return are_few_; }
  std::uint64_t calls_per_cycle() const override { return calls_; }

 private:
  std::uint64_t calls_;
  bool are_few_;
};

inline void add(Meter& meter, std::span<const Event> events) {
  const auto batch = std::make_unique<EventBatch>();
  batch->size = 0;
  for (const Event& event : events) {
    const std::size_t n = batch->size++;
    batch->time_ns[n] = event.time_ns;
    batch->user[n] = event.user;
    batch->task[n] = event.task;
    batch->status[n] = event.status;
    batch->quantity[n] = event.quantity;
    if (!batch->full()) continue;
    meter.add(*batch);
    batch->size = 0;
  }
  meter.add(*batch);
}

inline Usage meter(const MeterOptions& options, std::span<const Event> events) {
  Meter meter(options);
  add(meter, events);
  return meter.finish();
}

/// All rows, block after block.
inline Rows rows_of(const Sums& sums) {
  Rows rows;
  const auto reader = sums.read();
  for (SumBlock block; reader->next(block);) {
    reader->load(block);
    for (const Sum& sum : block.rows) {
      rows.push_back({std::string(sum.user), sum.cycle, std::string(sums.tasks()[sum.task]),
                      sum.calls, sum.quantity, sum.part});
    }
  }
  return rows;
}

inline std::unique_ptr<Sums> sums_of(const MeterOptions& options, Usage usage) {
  const auto nothing = [] {};
  return make_sums(close(std::move(usage), nothing), sum_rules_of(options), nothing);
}

inline Rows close_to_rows(const MeterOptions& options, Usage usage) {
  return rows_of(*sums_of(options, std::move(usage)));
}

/// What the words of the specification say, in the plainest way.
inline Rows plainly(const MeterOptions& options, Events events) {
  const std::uint64_t run = options.cycles->calls_per_cycle();
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.time_ns, a.task, a.status, a.quantity) <
           std::tie(b.time_ns, b.task, b.status, b.quantity);
  });
  std::map<std::string, std::uint64_t> calls_of_user;
  std::map<std::tuple<std::string, std::int64_t, std::uint32_t, std::string>,
           std::pair<std::uint64_t, Int128>>
      sums;
  for (const Event& event : events) {
    std::int64_t cycle = 0;
    if (options.key.cycle) {
      cycle = run == 0 ? options.cycles->cycle_of(event.time_ns)
                       : static_cast<std::int64_t>(calls_of_user[event.user]++ / run) + 1;
    }
    auto& sum = sums[{options.key.user ? event.user : "", cycle, options.key.part_of(event.time_ns),
                      event.task}];
    ++sum.first;
    sum.second += event.quantity;
  }
  Rows rows;
  for (const auto& [key, sum] : sums) {
    const auto& [user, cycle, part, task] = key;
    rows.push_back({user, cycle, task, sum.first, sum.second, part});
  }
  return rows;
}

/// Of few users, tasks and seconds, so that keys meet and events tie; some do not fit into 16
/// bytes.
inline Events random_events(std::uint64_t seed, std::size_t count) {
  std::mt19937_64 random(seed);
  Events events;
  for (std::size_t i = 0; i < count; ++i) {
    Event event{static_cast<std::int64_t>(random() % 40) * kSecond_ns,
                "user" + std::to_string(random() % 9), "task" + std::to_string(random() % 4),
                static_cast<std::uint16_t>(200 + random() % 3),
                static_cast<std::int64_t>(random() % 4)};
    if (random() % 50 == 0) event.time_ns += 1;
    if (random() % 50 == 0) event.time_ns = -event.time_ns;
    if (random() % 50 == 0) event.time_ns += 5'000'000'000 * kSecond_ns;
    if (random() % 50 == 0) event.quantity = kMaxQuantity;
    if (random() % 50 == 0) event.quantity = -event.quantity;
    if (random() % 50 == 0) event.status = kNoStatus;
    if (random() % 50 == 0) event.user += std::string(random() % 200, 'x');
    events.push_back(event);
  }
  return events;
}

/// Whose sums per user and task grow beyond what stands beside a name, in one meter or only in
/// several together.
inline Events heavy_events(std::uint64_t seed, std::size_t count, std::uint64_t tasks) {
  std::mt19937_64 random(seed);
  const std::uint64_t users = count / 30 + 1;
  Events events;
  for (std::size_t i = 0; i < count; ++i) {
    const auto size =
        (std::int64_t{1} << (30 + random() % 11)) - static_cast<std::int64_t>(random() % 3);
    const std::int64_t quantity = random() % 20 == 0 ? -size : size;
    events.push_back({0, "user" + std::to_string(random() % users),
                      "task" + std::to_string(random() % tasks), 200, quantity});
  }
  return events;
}

/// With and without users, cycles and parts.
inline std::vector<UsageKey> all_keys() {
  std::vector<UsageKey> all;
  for (int bits = 0; bits < 8; ++bits) {
    all.push_back({(bits & 1) != 0, (bits & 2) != 0});
    if ((bits & 4) != 0)
      all.back().splits_ns = {-7 * kSecond_ns, 0, 15 * kSecond_ns + 1, 30 * kSecond_ns};
  }
  return all;
}

}  // namespace billing
