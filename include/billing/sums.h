#pragma once

// Sums: what usage becomes when its cycles are final, and rating begins with.
//
//     const auto sums = make_sums(close(std::move(usage), checkpoint), sum_rules_of(options),
//                                 checkpoint);
//     SumBlock block;
//     for (const auto reader = sums->read(); reader->next(block);) {
//       reader->load(block);  // now block.rows are there
//     }

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "billing/ordered_usage.h"
#include "billing/usage_key.h"

namespace billing {

/// Calls and quantity of one key. What the key does not keep apart is empty or 0; the task always
/// stays, because a price belongs to a task.
struct Sum {
  Sum() = default;
  Sum(std::string_view user_, std::int64_t cycle_, std::uint32_t task_, std::uint64_t calls_,
      Int128 quantity_, std::uint32_t part_ = 0)
      : user(user_), cycle(cycle_), task(task_), part(part_), calls(calls_), quantity(quantity_) {}

  std::string_view user;   ///< valid as long as the block and the Sums that it came from
  std::int64_t cycle = 0;  ///< a cycle of the policy; for `calls:N` the number, from 1
  std::uint32_t task = 0;  ///< index into Sums::tasks()
  std::uint32_t part = 0;  ///< of the time line: see UsageKey
  std::uint64_t calls = 0;
  Int128 quantity = 0;  ///< exact, in units of 10^-digits: see QuantityRules
};

/// Rows that follow each other. Reuse the object for the next block: it keeps its memory.
struct SumBlock {
  std::size_t index = 0;  ///< from 0, in order
  std::vector<Sum> rows;
  std::deque<std::string> names;  ///< of users, where nothing else holds them
};

/// One pass over sums, in blocks that never end inside of a statement line. Must not outlive its
/// Sums.
class SumReader {
 public:
  virtual ~SumReader() = default;

  /// Begins the next block; false behind the last one. One thread at a time. Throws Error(run)
  /// where usage cannot be read.
  virtual bool next(SumBlock& block) = 0;

  /// Fills in the rows of a block that next() has begun. Any number of threads, each with a block
  /// of its own, also while another calls next().
  virtual void load(SumBlock& block) const = 0;
};

/// All sums of a run, ordered by user (bytes), cycle, part, task (bytes). Immutable; any number of
/// threads may make passes at once.
class Sums {
 public:
  virtual ~Sums() = default;

  virtual const TaskNames& tasks() const = 0;

  virtual std::unique_ptr<SumReader> read() const = 0;
};

/// How usage becomes sums.
struct SumRules {
  RowKind rows = RowKind::sums;       ///< what the usage consists of
  std::uint64_t calls_per_cycle = 0;  ///< a user's events are cut into runs of so many
  UsageKey kept;                      ///< what the usage keeps apart; events always have users
  UsageKey wanted;                    ///< what the sums do: `kept` holds it
};

/// Usage that is read anew for each pass: `open` returns a stream from the start. Streams may be
/// read at the same time, each by one thread.
struct UsageSource {
  TaskNames tasks;  ///< that the streams' rows number
  std::function<std::unique_ptr<UsageStream>()> open;
};

/// Where sums go that are too many to be kept, as usage in order.
struct SumSpill {
  std::size_t max_rows = std::numeric_limits<std::size_t>::max();  ///< that are kept in memory
  std::function<void(const OrderedUsage&)> spill = {};
  std::function<UsageSource()> merged = {};  ///< all that was spilled; asked for once, at the end
};

/// Usage as sums of the key `rules.wanted`. The result takes over the usage and reads it when it is
/// read itself. Only where it drops users whom the usage has are all sums added up at once: in
/// parallel, on the TBB threads of the calling arena, with what `spill` says for sums that are too
/// many. `checkpoint` is called now and then from any of these threads; what it throws ends the
/// work and passes through. Throws std::invalid_argument where `rules.kept` does not hold
/// `rules.wanted`.
std::unique_ptr<Sums> make_sums(std::unique_ptr<OrderedUsage> usage, const SumRules& rules,
                                const std::function<void()>& checkpoint,
                                const SumSpill& spill = {});
std::unique_ptr<Sums> make_sums(UsageSource source, const SumRules& rules,
                                const std::function<void()>& checkpoint,
                                const SumSpill& spill = {});

}  // namespace billing
