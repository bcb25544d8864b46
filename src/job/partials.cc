#include "billing/partials.h"

#include <oneapi/tbb/task_arena.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "billing/error.h"
#include "billing/meter.h"
#include "job/control_totals.h"
#include "job/event_totals.h"
#include "job/input_formats.h"
#include "job/memory_plan.h"
#include "job/merged_records.h"
#include "job/metered_usage.h"
#include "job/partial_doubles.h"
#include "partials/partial_file.h"
#include "select/where_expression.h"

namespace billing {
namespace {

MemoryPlan memory_plan_of(const WorkLimits& limits) {
  constexpr std::size_t kNoChunks = 0;
  return plan_memory(std::max(limits.threads, 1U), limits.memory_limit_bytes, kNoChunks);
}

const UsageOptions& checked(const UsageOptions& options) {
  check(options);
  if (options.dedupe != DedupeSettings())
    throw std::invalid_argument("records and events of the host have no keys");
  for (const std::string& expression : options.where) parse_where(expression);
  return options;
}

/// What both the maker and the merger work with.
struct Work {
  explicit Work(const WorkLimits& limits_)
      : limits(limits_), memory(memory_plan_of(limits)), checkpoint([cancelled = limits.cancelled] {
          if (cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
        }) {}

  SpillOptions spill() const {
    return spill_options(limits.temp_folder, memory, checkpoint, nullptr);
  }

  /// Runs something on the threads that it may have.
  template <class Run>
  auto in_arena(const Run& run) const {
    tbb::task_arena arena(arena_threads(memory));
    return arena.execute(run);
  }

  WorkLimits limits;
  MemoryPlan memory;
  std::function<void()> checkpoint;
};

}  // namespace

class PartialMaker::State {
 public:
  State(const UsageOptions& options, const WorkLimits& limits)
      : options_(checked(options)),
        work_(limits),
        cycles_(make_cycle_policy(options.cycles)),
        meter_options_{
            .key = options.key(), .cycles = cycles_.get(), .threads = work_.memory.threads},
        rules_(sum_rules_of(meter_options_)),
        meter_(meter_options_),
        runs_(rules_.rows, work_.spill()),
        batch_(std::make_unique<EventBatch>()) {}

  void begin_input(std::string name, std::optional<InputPiece> piece) {
    check_input_name(name);
    end_input();
    input_.emplace(PartialInput{std::move(name), {}, std::nullopt, piece});
  }

  MediationCounts add_records(const RecordBytes& records, const MediationOptions& mediation,
                              const RejectSink& on_reject) {
    InputTotals& totals = totals_of_input();
    check_decoding(mediation);
    const Int128 quantity_before = totals.accepted_quantity;
    dropped_quantity_ = 0;
    const bool has_measures = mediation.format && mediation.format->has_measures();
    const EventsOf kind = has_measures ? EventsOf::measures : EventsOf::records;
    MediationCounts counts = mediate(
        records, mediation, *batch_, [&](EventBatch& batch) { add(batch, kind); },
        [&](const Reject& reject) {
          ++totals.rejected[static_cast<std::size_t>(reject.reason)];
          on_reject(reject);
        });
    check_filters(mediation, counts);
    totals.filtered += counts.filtered;
    totals.blank += counts.blanks;
    totals.directives += counts.directives;
    totals.without_quantity += counts.without_quantity;
    totals.bytes += counts.bytes;
    totals.records += decoding_format(mediation).count_records(records.bytes, mediation.simd);
    if (counts.bytes != records.bytes.size() ||
        counts.quantity != totals.accepted_quantity - quantity_before + dropped_quantity_) {
      throw Error(
          ErrorKind::run,
          "control totals do not balance: not all bytes, or not all of the quantity, of some "
          "records were accounted for; please report this");
    }
    return counts;
  }

  void add_events(EventBatch& batch) {
    totals_of_input().records += batch.size;
    add(batch, EventsOf::records);
  }

  InputTotals& totals_of_input() {
    if (!input_) throw std::logic_error("a partial's input that has not begun");
    return input_->totals;
  }

  std::size_t memory_bytes() const { return meter_.memory_bytes(); }

  std::uint64_t finish(const ByteSink& sink) {
    end_input();
    return work_.in_arena([&] {
      MeteredUsage usage{rules_, nullptr, std::move(runs_)};
      auto last = close(meter_.finish(), work_.checkpoint);
      if (usage.in_files.empty()) {
        usage.in_memory = std::move(last);
      } else {
        usage.in_files.spill(*last);
      }
      return write_partial(usage, {{}, named_options(options_)}, std::move(inputs_), sink,
                           work_.checkpoint);
    });
  }

 private:
  void add(EventBatch& batch, EventsOf kind) {
    InputTotals& totals = totals_of_input();
    check_signs(batch, options_.quantity);
    dropped_quantity_ += drop_filtered(batch, options_.filter, kind, totals);
    refuse_keys(batch);
    add_accepted(batch, kind, totals);
    meter_.add(batch);
    if (meter_.memory_bytes() < work_.memory.usage_bytes) return;
    check_task_names(meter_.task_bytes(), work_.memory.names_bytes);
    work_.in_arena([&] {
      runs_.spill(*close(meter_.finish(), work_.checkpoint));
      runs_.bring_together();
    });
    meter_ = Meter(meter_options_);
  }

  /// Once for each format: a host may add many small pieces.
  void check_decoding(const MediationOptions& mediation) {
    check_max_record_bytes(mediation);
    if (mediation.decoder || (mediation.format && mediation.format == checked_format_)) return;
    check_format(decoding_format(mediation), options_);
    checked_format_ = mediation.format;
  }

  /// A decoder of the host has no format to be compared with.
  void check_filters(const MediationOptions& mediation, const MediationCounts& counts) const {
    if (!mediation.decoder || counts.events + counts.rejects + counts.filtered == 0) return;
    if (counts.filtered_by.empty() != options_.where.empty()) {
      throw std::invalid_argument(
          "a decoder filters records, but UsageOptions::where says nothing "
          "of it, or the other way round");
    }
  }

  void end_input() {
    if (!input_) return;
    check_record_balance(input_->name, input_->totals);
    if (!has_end(*input_)) throw std::invalid_argument("a piece ends behind byte 2^64");
    inputs_.add(*std::exchange(input_, std::nullopt));
  }

  UsageOptions options_;
  Work work_;
  std::unique_ptr<const CyclePolicy> cycles_;
  MeterOptions meter_options_;
  SumRules rules_;
  Meter meter_;
  UsageRuns runs_;
  std::unique_ptr<EventBatch> batch_;
  std::shared_ptr<const InputFormat> checked_format_;  // fits the options
  Int128 dropped_quantity_ = 0;                        // of the records at hand
  std::optional<PartialInput> input_;
  InputList inputs_;
};

PartialMaker::PartialMaker(const UsageOptions& options, const WorkLimits& limits)
    : state_(std::make_unique<State>(options, limits)) {}
PartialMaker::PartialMaker(PartialMaker&&) noexcept = default;
PartialMaker& PartialMaker::operator=(PartialMaker&&) noexcept = default;
PartialMaker::~PartialMaker() = default;

PartialMaker::State& PartialMaker::state() const {
  if (!state_) throw std::logic_error("a maker of partials that is finished or moved from");
  return *state_;
}

void PartialMaker::begin_input(std::string name, std::optional<InputPiece> piece) {
  state().begin_input(std::move(name), piece);
}
MediationCounts PartialMaker::add_records(const RecordBytes& records,
                                          const MediationOptions& mediation,
                                          const RejectSink& on_reject) {
  return state().add_records(records, mediation, on_reject);
}
void PartialMaker::add_events(EventBatch& batch) { state().add_events(batch); }
void PartialMaker::count_reject(RejectReason reason) {
  InputTotals& totals = state().totals_of_input();
  ++totals.records;
  ++totals.rejected[static_cast<std::size_t>(reason)];
}
void PartialMaker::count_blanks(std::uint64_t records) {
  InputTotals& totals = state().totals_of_input();
  totals.records += records;
  totals.blank += records;
}
void PartialMaker::count_bytes(std::uint64_t bytes) { state().totals_of_input().bytes += bytes; }
const InputTotals& PartialMaker::totals() const { return state().totals_of_input(); }
std::size_t PartialMaker::memory_bytes() const { return state().memory_bytes(); }
std::uint64_t PartialMaker::finish(const ByteSink& sink) {
  State& last = state();
  const std::unique_ptr<State> spent = std::move(state_);  // also where it throws
  return last.finish(sink);
}

class MergedPartials::State {
 public:
  State(const std::vector<std::shared_ptr<const ByteSource>>& sources, const WorkLimits& limits)
      : work_(limits) {
    if (sources.empty()) throw std::invalid_argument("no partials to be merged");
    PartialSink sink;
    InputOverlaps overlaps;
    sink.input = [&](const PartialInput& input) {
      overlaps.add(input);
      inputs_.add({input.name, input.totals, std::nullopt, input.piece});
      if (inputs_.memory_bytes() + overlaps.memory_bytes() <= work_.memory.names_bytes) return;
      throw Error(
          ErrorKind::run,
          "the names of the partials' inputs do not fit into a quarter of the memory limit");
    };
    InputSum sum;
    for (const auto& bytes : sources) {
      PartialFile partial = read_partial(bytes, make_cycle_policy, sink, work_.checkpoint);
      refuse_last_lines(partial);
      if (!partials_.empty()) check_same_options(first(), partial);
      add_together(sum, partial);
      partials_.push_back(std::move(partial));
    }
    refuse_overlaps(overlaps, partials_, work_.memory.names_bytes, work_.checkpoint);
    for (const std::string& doubles : describe_doubles(partials_))
      warnings_.push_back(tell(doubles));
    totals_ = sum.totals();
    cycles_ = make_cycle_policy(first().options.cycles);
    if (first().records) drop_duplicates();
  }

  const PartialFile& first() const { return partials_.front(); }
  const CyclePolicy& cycles() const { return *cycles_; }
  const InputTotals& totals() const { return totals_; }
  const std::vector<std::string>& warnings() const { return warnings_; }

  UsageSource usage() const {
    return work_.in_arena([&] {
      MeteredUsage usage = metered(first().options.key());
      return usage.moved_to_files().merged();
    });
  }

  std::unique_ptr<Sums> sums(const UsageKey& wanted) const {
    return work_.in_arena(
        [&] { return make_sums(metered(wanted), work_.memory.sum_rows, work_.spill()); });
  }

  std::uint64_t write(const ByteSink& sink) const {
    return work_.in_arena([&] {
      const SumRules all = rules(first().options.key());
      const DecodedHeader header{{}, named_options(first().options)};
      if (records_) {
        const KeptSource kept = records_->records();
        MeteredUsage rows = records_->rows(all);
        return write_partial(rows, header, inputs_, sink, work_.checkpoint, &kept);
      }
      MeteredUsage usage{all, nullptr, in_files()};
      return write_partial(usage, header, inputs_, sink, work_.checkpoint);
    });
  }

 private:
  void drop_duplicates() {
    work_.in_arena([&] {
      records_ = std::make_unique<MergedRecords>(partials_, work_.memory, work_.spill());
      records_->count();
    });
    totals_ = records_->totals();
    inputs_ = inputs_.with_totals(
        [this](std::size_t i, InputTotals& totals) { records_->settle(i, totals); });
  }

  MeteredUsage metered(const UsageKey& wanted) const {
    if (!records_) return {rules(wanted), nullptr, in_files()};
    const MeterOptions options{
        .key = first().options.key(), .cycles = cycles_.get(), .threads = work_.memory.threads};
    return MergedRecords(partials_, work_.memory, work_.spill()).meter(options, rules(wanted));
  }

  SumRules rules(const UsageKey& wanted) const {
    return {first().row_kind(), cycles_->calls_per_cycle(), first().options.key(), wanted};
  }

  UsageRuns in_files() const {
    UsageRuns runs(first().row_kind(), work_.spill());
    for (const PartialFile& partial : partials_) runs.add(partial.rows);
    return runs;
  }

  Work work_;
  std::vector<PartialFile> partials_;
  std::vector<std::string> warnings_;
  std::unique_ptr<const CyclePolicy> cycles_;
  InputList inputs_;
  InputTotals totals_;
  std::unique_ptr<MergedRecords> records_;  ///< null where no duplicates are looked for
};

MergedPartials::MergedPartials(const std::vector<std::shared_ptr<const ByteSource>>& partials,
                               const WorkLimits& limits)
    : state_(std::make_unique<State>(partials, limits)) {}
MergedPartials::MergedPartials(MergedPartials&&) noexcept = default;
MergedPartials& MergedPartials::operator=(MergedPartials&&) noexcept = default;
MergedPartials::~MergedPartials() = default;

MergedPartials::State& MergedPartials::state() const {
  if (!state_) throw std::logic_error("partials that were moved from");
  return *state_;
}

const UsageOptions& MergedPartials::options() const { return state().first().options; }
const CyclePolicy& MergedPartials::cycles() const { return state().cycles(); }
RowKind MergedPartials::rows() const { return state().first().row_kind(); }
const InputTotals& MergedPartials::totals() const { return state().totals(); }
const std::vector<std::string>& MergedPartials::warnings() const { return state().warnings(); }
UsageSource MergedPartials::usage() { return state().usage(); }
std::unique_ptr<Sums> MergedPartials::sums(const UsageKey& wanted) { return state().sums(wanted); }
std::uint64_t MergedPartials::write(const ByteSink& sink) { return state().write(sink); }

}  // namespace billing
