#include "job/survivor_meter.h"

#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "billing/error.h"

namespace billing {
namespace {

/// The threads of a pass.
class SurvivorThreads {
 public:
  SurvivorThreads(SurvivorPass& pass, const SurvivorLimits& limits,
                  const std::function<void()>& checkpoint)
      : limits_(limits), checkpoint_(checkpoint), batches_(pass.stage().threads()) {
    for (std::size_t i = 0; i < batches_.size(); ++i)
      survivors_.push_back(std::make_unique<Survivors>(pass, checkpoint));
  }

  std::size_t size() const { return survivors_.size(); }

  /// Hands batches to `take`, with the number of the thread, until it returns false or there are no
  /// more.
  template <class Take>
  void run(const Take& take) {
    const auto work = [&](std::size_t i) {
      try {
        while (survivors_[i]->next(batches_[i])) {
          checkpoint_();
          if (failed_) throw Error(ErrorKind::run, "another thread has failed");
          check_task_names(survivors_[i]->task_bytes(), limits_.names_bytes / size());
          if (!take(i, batches_[i])) break;
        }
      } catch (...) {
        if (!failed_.exchange(true)) throw;  // the first failure is the one to report
      }
    };
    tbb::parallel_for(std::size_t{0}, size(), work, tbb::simple_partitioner());
  }

  bool at_end() const {
    return std::all_of(survivors_.begin(), survivors_.end(),
                       [](const auto& survivors) { return survivors->at_end(); });
  }

  void finish() {
    for (const auto& survivors : survivors_) survivors->finish();
  }

 private:
  const SurvivorLimits& limits_;
  const std::function<void()>& checkpoint_;
  std::vector<std::unique_ptr<Survivors>> survivors_;
  std::vector<EventBatch> batches_;
  std::atomic<bool> failed_ = false;
};

/// As much usage as may be kept in memory.
Usage meter_slice(SurvivorThreads& threads, const MeterOptions& options,
                  const SurvivorLimits& limits) {
  struct Share {
    explicit Share(const MeterOptions& of) : meter(of) {}
    Meter meter;
    std::size_t bytes = 0;
    std::size_t task_bytes = 0;
  };
  std::vector<Share> shares;
  for (std::size_t i = 0; i < threads.size(); ++i) shares.emplace_back(options);
  std::atomic<std::size_t> kept_bytes = 0;
  std::atomic<std::size_t> task_bytes = 0;
  threads.run([&](std::size_t i, const EventBatch& batch) {
    Share& share = shares[i];
    share.meter.add(batch);
    const std::size_t bytes = share.meter.memory_bytes();
    kept_bytes += bytes - std::exchange(share.bytes, bytes);
    const std::size_t names = share.meter.task_bytes();
    task_bytes += names - std::exchange(share.task_bytes, names);
    check_task_names(task_bytes, limits.names_bytes);
    return kept_bytes < limits.usage_bytes;
  });
  std::optional<Usage> usage;
  for (Share& share : shares) {
    Usage more = share.meter.finish();
    usage = usage ? merge(std::move(*usage), std::move(more)) : std::move(more);
  }
  return std::move(*usage);
}

}  // namespace

void count_survivors(SurvivorPass& pass, const SurvivorLimits& limits,
                     const std::function<void()>& checkpoint) {
  SurvivorThreads threads(pass, limits, checkpoint);
  threads.run([](std::size_t, const EventBatch&) { return true; });
  threads.finish();
}

MeteredUsage meter_survivors(SurvivorPass& pass, const MeterOptions& options, const SumRules& rules,
                             const SurvivorLimits& limits, const SpillOptions& spill) {
  SurvivorThreads threads(pass, limits, spill.checkpoint);
  MeteredUsage metered{rules, nullptr, UsageRuns(rules.rows, spill)};
  while (true) {
    auto usage = close(meter_slice(threads, options, limits), spill.checkpoint);
    if (threads.at_end() && metered.in_files.empty()) {
      metered.in_memory = std::move(usage);
      break;
    }
    if (usage->block_count() > 0) metered.in_files.spill(*usage);
    usage.reset();
    metered.in_files.bring_together();
    if (threads.at_end()) break;
  }
  threads.finish();
  return metered;
}

}  // namespace billing
