#pragma once

// Metering: event batches -> usage. Threads, chunks and files are only ways to make and merge
// usage; what it closes to depends on the multiset of events and the options alone.
//
//     MeterOptions options;  // copies of it for all meters of the run
//     options.cycles = months.get();
//     Meter meter(options);  // one for each thread
//     meter.add(batch);
//     Usage usage = merge(meter.finish(), other.finish());
//     const auto ordered = close(std::move(usage), checkpoint);

#include <functional>
#include <memory>

#include "billing/cycle_policy.h"
#include "billing/event_batch.h"
#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "billing/usage_key.h"

namespace billing {

/// The keys (cycle and task) that a run has met first. All of its meters keep the sums of these
/// keys in the same places beside a user's name. Thread-safe; opaque to hosts.
class FirstKeys;
std::shared_ptr<FirstKeys> make_first_keys();

struct EngineKnobs;

struct MeterOptions {
  UsageKey key;                         ///< what usage keeps apart
  const CyclePolicy* cycles = nullptr;  ///< required; must outlive meters and usage
  /// Usage is kept in 2^partition_bits parts that are closed independently of each other: as many
  /// as it takes for one to fit into the L2 cache. 0..12; the same for all usage that is merged.
  unsigned partition_bits = 8;
  /// How many threads will close the usage. Only Meter::memory_bytes() depends on it.
  unsigned threads = 1;
  /// Shared by all meters of a run: copies of these options share it, and only usage of one run can
  /// be merged.
  std::shared_ptr<FirstKeys> first_keys = make_first_keys();
  std::shared_ptr<const EngineKnobs> knobs = {};  ///< for tests of this project
};

/// Usage of any number of events: sums per key or, for `calls:N`, the events themselves. Opaque and
/// move-only. It owns all that it holds, names too, and does not need its meter; the cycle policy
/// must outlive it. To be passed from thread to thread, not to be shared.
class Usage {
 public:
  class Parts;  ///< of the library alone

  explicit Usage(std::unique_ptr<Parts> parts);
  Usage(Usage&&) noexcept;
  Usage& operator=(Usage&&) noexcept;
  ~Usage();

  /// For the library's own functions. The usage is spent afterwards.
  std::unique_ptr<Parts> take();

 private:
  std::unique_ptr<Parts> parts_;
};

/// Turns events into usage. Not for several threads at once: give each thread a meter of its own.
class Meter {
 public:
  /// Copies the options. The cycle policy must outlive the meter and its usage.
  explicit Meter(const MeterOptions& options);
  Meter(Meter&&) noexcept;
  Meter& operator=(Meter&&) noexcept;
  ~Meter();

  /// Adds the batch's events; copies what it keeps. The batch must satisfy EventBatch's contract;
  /// builds with assertions check it with validate().
  void add(const EventBatch& batch);

  /// Takes in usage of meters with copies of these options, as if its events had been added here.
  /// Unlike merge() this takes time, and users who are in both stand in memory only once. Throws
  /// std::invalid_argument for usage of other options.
  void add(Usage usage);

  /// Whether nearly all usage so far is sums with a place beside the user's name: adding such usage
  /// takes hardly more memory for users who are known.
  bool keeps_sums_in_place() const;

  /// Bytes that the usage so far takes, including what closing it will need.
  std::size_t memory_bytes() const;

  /// The part of memory_bytes() due to task names. They stay in memory until the run ends;
  /// everything else can be closed and spilled at any time.
  std::size_t task_bytes() const;

  /// The usage of all events added. The meter is spent afterwards.
  Usage finish();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Addition (or multiset union): commutative and associative. Takes hardly any time; the work is
/// left to close(). Both sides must come from meters with copies of the same options; throws
/// std::invalid_argument where they do not.
Usage merge(Usage a, Usage b);

/// Adds up equal keys and brings all into order. The result owns what it shows. Runs on the TBB
/// threads of the calling arena. `checkpoint` is called now and then from any of them; what it
/// throws ends the work and passes through.
std::unique_ptr<OrderedUsage> close(Usage usage, const std::function<void()>& checkpoint);

/// The rules by which make_sums() turns usage of such meters into sums of the same key.
SumRules sum_rules_of(const MeterOptions& options);

}  // namespace billing
