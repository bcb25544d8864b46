#include <stdexcept>
#include <utility>

#include "billing/error.h"
#include "billing/meter.h"
#include "billing/partials.h"
#include "job/job_warnings.h"
#include "job/merged_records.h"
#include "job/metered_usage.h"
#include "job/partial_doubles.h"
#include "job/partial_work.h"
#include "partials/partial_file.h"

namespace billing {

class MergedPartials::State {
 public:
  State(const std::vector<std::shared_ptr<const ByteSource>>& sources, const WorkLimits& limits)
      : work_(limits) {
    if (sources.empty()) throw std::invalid_argument("no partials to be merged");
    PartialSink sink;
    InputOverlaps overlaps;
    sink.input = [&](const PartialInput& input) {
      overlaps.add(input);
      only_input_ = input;
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

  std::uint64_t write(const std::vector<std::string>& begins, const RangeSink& sink) const {
    if (inputs_.size() != 1 || records_)
      throw std::invalid_argument("ranges of users are of exactly one input, without keys");
    return work_.in_arena([&] {
      const SumRules all = rules(first().options.key());
      return write_partials(UserRanges(in_files().merged(), all.rows, begins), *only_input_,
                            {all.rows, named_options(first().options)}, sink, work_.checkpoint);
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

  PartialWork work_;
  std::vector<PartialFile> partials_;
  std::vector<std::string> warnings_;
  std::unique_ptr<const CyclePolicy> cycles_;
  InputList inputs_;
  std::optional<PartialInput> only_input_;  ///< where there is one
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

std::uint64_t MergedPartials::write(const std::vector<std::string>& begins, const RangeSink& sink) {
  return state().write(begins, sink);
}

}  // namespace billing
