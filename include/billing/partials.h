#pragma once

// Usage as bytes: partials, made and merged without a file. Every host reads and writes the same
// bytes (docs/partial-format.md): programs, a binding, the tasks of a cluster.
//
//     PartialMaker maker(options);                  // one for each task
//     maker.begin_input("logs/1.txt", InputPiece{.begin_bytes = begin, .is_last = is_last});
//     maker.add_records({bytes, readable_bytes, begin == 0}, mediation, on_reject);
//     maker.finish(append_to_blob);
//
//     MergedPartials merged(blobs);                 // those of all tasks
//     const auto sums = merged.sums(prices.usage_key(group_by));

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "billing/byte_source.h"
#include "billing/control_totals.h"
#include "billing/cycle_policy.h"
#include "billing/event_batch.h"
#include "billing/mediate.h"
#include "billing/ordered_usage.h"
#include "billing/sums.h"
#include "billing/usage_options.h"

namespace billing {

/// What work with usage may take.
struct WorkLimits {
  unsigned threads = 1;  ///< of an arena that each call makes for itself; with 1 none is started
  /// On resident anonymous memory, in bytes. Usage beyond it goes to files in temp_folder, which
  /// have no names and are gone when they are closed.
  std::uint64_t memory_limit_bytes = std::uint64_t{1} << 62;
  std::string temp_folder = "/var/tmp";
  /// Asked now and then, by any thread; true ends the work with Error(interrupted).
  std::function<bool()> cancelled = [] { return false; };
};

/// Turns records or events into a partial. Not for several threads at once.
class PartialMaker {
 public:
  /// Throws Error(configuration) where there are no such cycles.
  explicit PartialMaker(const UsageOptions& options, const WorkLimits& limits = {});
  PartialMaker(PartialMaker&&) noexcept;
  PartialMaker& operator=(PartialMaker&&) noexcept;
  ~PartialMaker();

  /// What is added from now on belongs to this input, or to this piece of it. Call it first: what
  /// is added before it throws std::logic_error. Pieces join by their bytes: those of
  /// add_records(), or of count_bytes().
  void begin_input(std::string name, std::optional<InputPiece> piece = std::nullopt);

  /// Adds whole records, each of which is counted: see mediate(). Offsets of rejects count from
  /// `records`. Throws Error(run) where usage cannot be kept in files.
  MediationCounts add_records(const RecordBytes& records, const MediationOptions& mediation,
                              const RejectSink& on_reject);

  /// Adds events that are a record each. Those that the filter drops are dropped from the batch.
  /// The batch must be as validate() wants it.
  void add_events(EventBatch& batch);

  /// Counts records that are no events, for a host that decodes by itself, and the bytes of all of
  /// its records.
  void count_reject(RejectReason reason);
  void count_blanks(std::uint64_t records);
  void count_bytes(std::uint64_t bytes);

  /// Of the input under way.
  const InputTotals& totals() const;

  /// What the usage in memory takes.
  std::size_t memory_bytes() const;

  /// Writes the partial and returns its number of rows. The maker is spent afterwards. Throws
  /// Error(run) where the control totals do not balance; what the sink throws passes through.
  std::uint64_t finish(const ByteSink& sink);

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Usage of several partials as one, in order, to be read any number of times. Not for several
/// threads at once.
class MergedPartials {
 public:
  /// Reads all that stands before the rows, which are checked as they are read. There must be one
  /// at least. Throws Error(run) that names the partial which is damaged, of another version or no
  /// partial, or the options in which two of them differ, or an input of
  /// which two pieces hold the same bytes.
  explicit MergedPartials(const std::vector<std::shared_ptr<const ByteSource>>& partials,
                          const WorkLimits& limits = {});
  MergedPartials(MergedPartials&&) noexcept;
  MergedPartials& operator=(MergedPartials&&) noexcept;
  ~MergedPartials();

  const UsageOptions& options() const;
  const CyclePolicy& cycles() const;
  RowKind rows() const;
  /// Of all inputs of all partials.
  const InputTotals& totals() const;

  // These throw Error(run) where temporary files cannot be written or there are too many tasks for
  // the memory limit, and as what they return is read where a partial is damaged.

  /// The rows, in order. Lives on without this object.
  UsageSource usage();

  /// Sums of a key that the partials hold (see UsageKey::holds), to be rated. Lives on without this
  /// object; what cycles are called is asked of cycles(). Throws std::invalid_argument for a key
  /// that they do not hold.
  std::unique_ptr<Sums> sums(const UsageKey& wanted);

  /// Writes all as one partial and returns its number of rows.
  std::uint64_t write(const ByteSink& sink);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace billing
