#include <stdexcept>
#include <utility>
#include <vector>

#include "billing/error.h"
#include "billing/meter.h"
#include "billing/partials.h"
#include "billing/price_book.h"
#include "job/control_totals.h"
#include "job/event_totals.h"
#include "job/input_formats.h"
#include "job/metered_usage.h"
#include "job/partial_work.h"
#include "job/unrated_records.h"
#include "select/where_expression.h"

namespace billing {
namespace {

const UsageOptions& checked(const UsageOptions& options) {
  check(options);
  if (options.dedupe != DedupeSettings())
    throw std::invalid_argument("records and events of the host have no keys");
  for (const std::string& expression : options.where) parse_where(expression);
  return options;
}

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

  void reject_unrated(PriceBook prices) { accepted_prices_ = std::move(prices); }

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
    unrated_.clear();
    const auto take_reject = [&](const Reject& reject) {
      ++totals.rejected[static_cast<std::size_t>(reject.reason)];
      on_reject(reject);
    };
    MediationCounts counts = mediate(
        records, mediation, *batch_, [&](EventBatch& batch) { add(batch, kind); }, take_reject);
    check_filters(mediation, counts);
    set_columns(unrated_, records, mediation);
    for (const Reject& reject : unrated_) take_reject(reject);
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
    InputTotals& totals = totals_of_input();
    totals.records += batch.size;
    unrated_.clear();
    add(batch, EventsOf::records);
    totals.rejected[static_cast<std::size_t>(RejectReason::unrated_task)] += unrated_.size();
  }

  InputTotals& totals_of_input() {
    if (!input_) throw std::logic_error("a partial's input that has not begun");
    return input_->totals;
  }

  std::size_t memory_bytes() const { return meter_.memory_bytes(); }

  std::uint64_t finish(const ByteSink& sink) {
    end_input();
    return work_.in_arena([&] {
      MeteredUsage usage = metered();
      return write_partial(usage, {{}, named_options(options_)}, std::move(inputs_), sink,
                           work_.checkpoint);
    });
  }

  std::uint64_t finish(const std::vector<std::string>& begins, const RangeSink& sink) {
    if (!input_ || inputs_.size() > 0)
      throw std::invalid_argument("ranges of users are of exactly one input");
    const PartialInput input = *input_;
    end_input();
    return work_.in_arena([&] {
      MeteredUsage usage = metered();
      const UserRanges ranges = usage.in_memory
                                    ? UserRanges(std::move(usage.in_memory), rules_.rows, begins)
                                    : UserRanges(usage.in_files.merged(), rules_.rows, begins);
      return write_partials(ranges, input, {rules_.rows, named_options(options_)}, sink,
                            work_.checkpoint);
    });
  }

 private:
  MeteredUsage metered() {
    MeteredUsage usage{rules_, nullptr, std::move(runs_)};
    auto last = close(meter_.finish(), work_.checkpoint);
    if (usage.in_files.empty()) {
      usage.in_memory = std::move(last);
    } else {
      usage.in_files.spill(*last);
    }
    return usage;
  }

  void add(EventBatch& batch, EventsOf kind) {
    InputTotals& totals = totals_of_input();
    check_signs(batch, options_.quantity);
    dropped_quantity_ += drop_filtered(batch, options_.filter, kind, totals);
    if (accepted_prices_)
      dropped_quantity_ += drop_unrated(batch, kind, *accepted_prices_, unrated_);
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
  PartialWork work_;
  std::unique_ptr<const CyclePolicy> cycles_;
  MeterOptions meter_options_;
  SumRules rules_;
  Meter meter_;
  UsageRuns runs_;
  std::unique_ptr<EventBatch> batch_;
  std::shared_ptr<const InputFormat> checked_format_;  // fits the options
  std::optional<PriceBook> accepted_prices_;           // none: all tasks are
  Int128 dropped_quantity_ = 0;                        // of the records at hand
  std::vector<Reject> unrated_;                        // likewise
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

void PartialMaker::reject_unrated(PriceBook prices) { state().reject_unrated(std::move(prices)); }
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
std::uint64_t PartialMaker::finish(const std::vector<std::string>& begins, const RangeSink& sink) {
  State& last = state();
  const std::unique_ptr<State> spent = std::move(state_);  // also where it throws
  return last.finish(begins, sink);
}

}  // namespace billing
