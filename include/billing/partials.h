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
#include <string_view>
#include <vector>

#include "billing/byte_source.h"
#include "billing/control_totals.h"
#include "billing/cycle_policy.h"
#include "billing/event_batch.h"
#include "billing/mediate.h"
#include "billing/ordered_usage.h"
#include "billing/price_book.h"
#include "billing/sums.h"
#include "billing/usage_options.h"

namespace billing {

/// What work with usage may take of the machine.
struct WorkLimits {
  /// The most threads of one call, in a task arena of its own. With 1 it computes on the calling
  /// thread alone; files, while they are written, have one thread more that only writes.
  unsigned threads = 1;
  /// Limit on resident anonymous memory, in bytes. Usage beyond it goes to files in temp_folder,
  /// which have no names and are gone when they are closed.
  std::uint64_t memory_limit_bytes = std::uint64_t{1} << 62;
  std::string temp_folder = "/var/tmp";
  /// Asked now and then, by any thread; true ends the work with Error(interrupted).
  std::function<bool()> cancelled = [] { return false; };
};

/// Takes more of the bytes of partial `range`.
using RangeSink = std::function<void(std::size_t range, std::string_view bytes)>;

/// Turns records or events into a partial. Makers are independent of each other; one of them is not
/// for several threads at once. Where add_records(), add_events() or finish() has thrown, what it
/// holds is incomplete: begin again with another maker. One that is finished or was moved from
/// throws std::logic_error, whatever is asked of it.
class PartialMaker {
 public:
  /// Copies both. Throws Error(configuration) where the options name no cycles that there are, have
  /// a filter that is no expression, or are otherwise invalid; std::invalid_argument for options
  /// with `dedupe`, as what is added has no keys.
  explicit PartialMaker(const UsageOptions& options, const WorkLimits& limits = {});
  PartialMaker(PartialMaker&&) noexcept;
  PartialMaker& operator=(PartialMaker&&) noexcept;
  ~PartialMaker();

  /// From now on records with a task that has no rate in this book are rejects (unrated_task), as
  /// with UnratedPolicy::reject of a job. Nothing of the prices is kept with the usage: makers of
  /// usage that is merged should be given the same, or the bill depends on who read a record.
  void reject_unrated(PriceBook prices);

  /// What is added from now on belongs to the input `name`, or to this piece of it. Call it first:
  /// to add anything before throws std::logic_error. A piece ends where the bytes given to
  /// add_records() and count_bytes() end; a merge joins it with the piece that begins there. Throws
  /// std::invalid_argument for a name longer than kMaxInputNameBytes, or where the input before
  /// was a piece that ends behind byte 2^64 (so does finish()).
  void begin_input(std::string name, std::optional<InputPiece> piece = std::nullopt);

  /// Decodes whole records, as mediate() does, and adds their events; counts records and bytes.
  /// Returns what was decoded; totals() say what became of it behind filters and reject_unrated().
  /// Needs `records` only during the call. Offsets of rejects count from the first byte of
  /// `records`. Throws Error(run) where usage cannot be kept in files or the control totals do not
  /// balance, and std::invalid_argument for a format that does not decode to what the options say:
  /// its unit and digits must be those of UsageOptions::quantity, its filters the same text as
  /// UsageOptions::where (several are one: `(a) and (b)`), and, where there are any, its `timezone`
  /// that of the cycles. A decoder of the host is taken at its word.
  MediationCounts add_records(const RecordBytes& records, const MediationOptions& mediation,
                              const RejectSink& on_reject);

  /// Adds events, each of which counts as one record. Removes from the batch those that do not pass
  /// the filter, and those that reject_unrated() rejects, which are counted. The batch must pass
  /// validate(). Throws Error(run) where usage cannot be kept in files, or for a negative quantity
  /// where the options allow none.
  void add_events(EventBatch& batch);

  // For a host that decodes by itself and calls add_events(): records that became no events, and
  // the bytes of all records.

  void count_reject(RejectReason reason);
  void count_blanks(std::uint64_t records);
  void count_bytes(std::uint64_t bytes);

  /// Of the input under way. Valid until the next begin_input() or finish().
  const InputTotals& totals() const;

  /// What the usage takes that is in memory and not yet in files.
  std::size_t memory_bytes() const;

  /// Writes the partial and returns how many rows of usage it has. The maker is spent afterwards.
  /// Throws Error(run) where the control totals do not balance; what the sink throws passes
  /// through.
  std::uint64_t finish(const ByteSink& sink);

  /// The same as a partial for each of begins.size() + 1 ranges of users, so that ranges can be
  /// billed apart from each other: the first has the users before begins[0], the others those from
  /// begins[i - 1] on. Each has the events of its rows in its totals; everything else, such as
  /// bytes and rejects, stands with the first, so that sums over all partials, and their merge, are
  /// those of one partial. `sink` is called with the number of the partial, one after the other.
  /// Usage that keeps no users is in the first. Throws std::invalid_argument where `begins` are not
  /// ascending, or there is not exactly one input.
  std::uint64_t finish(const std::vector<std::string>& begins, const RangeSink& sink);

 private:
  class State;
  State& state() const;

  std::unique_ptr<State> state_;
};

/// Usage of several partials as one, in order, to be read any number of times. Not for several
/// threads at once. One that was moved from throws std::logic_error.
class MergedPartials {
 public:
  /// Reads what stands before the rows of each partial; the rows are read, and checked, by the
  /// functions below. Shares ownership of the sources. Throws std::invalid_argument for an empty
  /// list, and Error(run) that says which partial is damaged, of another version or no partial, in
  /// which options two of them differ, or which bytes stand in two pieces of an input, or in a
  /// piece and the whole input. Two whole inputs may have the same name: see warnings(). Where
  /// partials keep records with keys, all of these are gone through once to find duplicates, with
  /// all threads of the limits, and what does not fit into memory goes to temporary files.
  explicit MergedPartials(const std::vector<std::shared_ptr<const ByteSource>>& partials,
                          const WorkLimits& limits = {});
  MergedPartials(MergedPartials&&) noexcept;
  MergedPartials& operator=(MergedPartials&&) noexcept;
  ~MergedPartials();

  // Valid as long as this object.

  const UsageOptions& options() const;  ///< that all of them were made with
  const CyclePolicy& cycles() const;
  RowKind rows() const;
  /// Of all inputs of all partials, after duplicates are dropped.
  const InputTotals& totals() const;
  /// Messages for people about partials that describe themselves identically (the same inputs with
  /// the same totals, and the same tasks): if they are copies, their calls are billed twice. Not
  /// of those whose records all have keys, which are billed once.
  const std::vector<std::string>& warnings() const;

  // These throw Error(run) where temporary files cannot be written or there are too many tasks for
  // the memory limit. Where rows are damaged, Error(run) comes when they are read. Each call goes
  // through the records with keys again, where there are any.

  /// The rows, in order. Lives on without this object.
  UsageSource usage();

  /// Sums of a key that the partials hold (see UsageKey::holds), to be rated. Lives on without this
  /// object; what cycles are called is asked of cycles(). Throws std::invalid_argument for a key
  /// that they do not hold.
  std::unique_ptr<Sums> sums(const UsageKey& wanted);

  /// Writes all as one partial and returns how many rows of usage and records with keys it has.
  std::uint64_t write(const ByteSink& sink);

  /// The same as a partial for each range of users, as PartialMaker::finish() makes them. Throws
  /// std::invalid_argument where `begins` are not ascending, the partials are not of exactly one
  /// input, or keep records with keys.
  std::uint64_t write(const std::vector<std::string>& begins, const RangeSink& sink);

 private:
  class State;
  State& state() const;

  std::unique_ptr<State> state_;
};

}  // namespace billing
