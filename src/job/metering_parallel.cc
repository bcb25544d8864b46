#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "billing/error.h"
#include "billing/meter.h"
#include "io/file_source.h"
#include "job/chunk_worker.h"
#include "job/dedupe_stage.h"
#include "job/deduped_usage.h"
#include "job/metering.h"
#include "job/unwrapped_source.h"
#include "wrappers/unwrapper.h"

namespace billing {
namespace {

/// Few enough parts to cost nothing on small inputs, enough that one fits into the L2 cache on
/// large ones.
unsigned partition_bits_for(std::optional<std::uint64_t> bytes, std::size_t usage_bytes) {
  constexpr std::uint64_t kTypicalRecordBytes = 50;
  constexpr std::uint64_t kTypicalUsageBytes = 16;  // of a record
  constexpr std::uint64_t kPartitionRecords = 32 * 1024;
  constexpr std::uint64_t kUnknown = kPartitionRecords * 255;
  const std::uint64_t records = bytes ? *bytes / kTypicalRecordBytes : kUnknown;
  const std::uint64_t kept = std::min<std::uint64_t>(records, usage_bytes / kTypicalUsageBytes);
  return std::clamp(static_cast<unsigned>(std::bit_width(kept / kPartitionRecords + 1)), 2U, 10U);
}

/// Turns chunks into usage, on all threads, as much at a time as may be kept in memory.
class SliceMeter {
 public:
  /// All arguments must outlive the meter.
  SliceMeter(const AggregateJob& job, const InputFormats& formats, const CyclePolicy& cycles,
             RecordSource& source, RejectLedger& rejects, const JobContext& context,
             std::atomic<bool>& failed, const std::function<void()>& checkpoint)
      : job_(job),
        formats_(formats),
        source_(source),
        rejects_(rejects),
        context_(context),
        options_{
            .key = job.usage.key(),
            .cycles = &cycles,
            .partition_bits = partition_bits_for(source.size_bytes(), context.memory.usage_bytes),
            .threads = context.memory.threads,
            .knobs = job.knobs},
        failed_(failed),
        checkpoint_(checkpoint),
        usage_bytes_(context.memory.usage_bytes),
        workers_(context.memory.threads),
        totals_(source.input_count()),
        filtered_by_(job.usage.where.size()) {}

  const MeterOptions& options() const { return options_; }

  /// Reads all inputs, and puts their records aside, in none of the totals. Inputs are numbered
  /// from `first_input` there.
  void put_aside(DedupeStage& stage, std::size_t first_input) {
    std::vector<std::unique_ptr<DedupeIntake>> intakes;
    for (auto& worker : workers_) {
      intakes.push_back(std::make_unique<DedupeIntake>(stage, first_input, stage.lists()));
      worker = make_worker(intakes.back().get());
    }
    on_all_threads([&](std::size_t i) {
      const RejectLedger::Working working(rejects_);
      for (Chunk chunk; add_next_chunk(*workers_[i], chunk);) checkpoint_();
      intakes[i]->finish();
    });
    for (auto& worker : workers_) finish(*worker);
  }

  /// The usage of what comes next in the inputs.
  Usage next() {
    for (auto& worker : workers_) worker = make_worker();
    kept_bytes_ = 0;
    do {
      task_bytes_ = 0;
      on_all_threads([this](std::size_t i) { work(i); });
    } while (!at_end_ && make_room());
    std::optional<Usage> usage;
    for (auto& worker : workers_) {
      Usage more = finish(*worker);
      worker.reset();
      usage = usage ? merge(std::move(*usage), std::move(more)) : std::move(more);
    }
    return std::move(*usage);
  }

  /// Whether next() has come to the end of the inputs.
  bool at_end() const { return at_end_; }

  /// By input, the totals of all that next() has returned, or put_aside() has read.
  const std::vector<InputTotals>& totals() const { return totals_; }

  /// By expression of `--where`, of the same records and those of meter_lines().
  const std::vector<std::uint64_t>& filtered_by() const { return filtered_by_; }

  /// Of the same records.
  const MeasureCounts& measures() const { return measures_; }

  /// By input, how many bytes it held; to be called at_end().
  std::vector<std::uint64_t> input_bytes() const {
    std::vector<std::uint64_t> bytes;
    for (std::size_t i = 0; i < totals_.size(); ++i) bytes.push_back(source_.input_bytes(i));
    return bytes;
  }

  /// The usage of lines by themselves, and what became of each. With an intake they are put aside.
  Usage meter_lines(const std::vector<LastLine>& lines, const InputFormats& formats,
                    std::vector<InputTotals>& totals, DedupeIntake* intake = nullptr) {
    RejectLedger unheard({}, std::vector<LedgerInput>(lines.size()));
    ChunkWorker worker(job_, formats, options_, lines.size(), unheard, checkpoint_, intake);
    Chunk chunk;
    for (const LastLine& line : lines) {
      chunk.start = nullptr;
      chunk.unwrapped = nullptr;
      if (line.may_be_header) {
        chunk.start = formats.format(chunk.input)
                          .make_cutter(true, job_.mediation.max_record_bytes)
                          ->pass({});
      }
      chunk.offset_bytes = line.offset_bytes;
      chunk.bytes = line.text;
      chunk.readable_bytes = line.text.size();
      UnwrappedText text;
      if (formats.records(chunk.input).wrapper != Wrapper::none)
        unwrap(line, formats.records(chunk.input), text, chunk);
      worker.add(chunk);
      ++chunk.input;
      ++chunk.sequence;
    }
    totals = worker.totals();
    count_filtered(worker);
    return worker.finish();
  }

 private:
  /// Makes the chunk one of what the line, or the parts of it that have come, hold.
  void unwrap(const LastLine& line, const RecordFormat& format, UnwrappedText& text,
              Chunk& chunk) const {
    Unwrapper unwrapper(format.wrapper, format.stream, job_.mediation.max_record_bytes,
                        line.offset_bytes);
    unwrapper.add(line.text, text);
    unwrapper.finish(text);
    chunk.bytes = text.text;
    chunk.readable_bytes = text.text.size();
    chunk.unwrapped = &text;
    chunk.wrapped_bytes = text.wrapped_bytes;
  }

  std::unique_ptr<ChunkWorker> make_worker(DedupeIntake* intake = nullptr) const {
    return std::make_unique<ChunkWorker>(job_, formats_, options_, totals_.size(), rejects_,
                                         checkpoint_, intake);
  }

  template <class Work>
  void on_all_threads(const Work& work) {
    const auto attempt = [&](std::size_t i) {
      try {
        work(i);
      } catch (...) {
        if (failed_.exchange(true)) return;  // the first failure is the one to report
        throw;
      }
    };
    tbb::parallel_for(std::size_t{0}, workers_.size(), attempt, tbb::simple_partitioner());
  }

  /// Takes the worker's usage and totals; the worker is spent.
  Usage finish(ChunkWorker& worker) {
    for (std::size_t i = 0; i < totals_.size(); ++i) totals_[i] += worker.totals()[i];
    count_filtered(worker);
    return worker.finish();
  }

  void count_filtered(const ChunkWorker& worker) {
    for (std::size_t i = 0; i < filtered_by_.size(); ++i)
      filtered_by_[i] += worker.filtered_by()[i];
    measures_.add(worker.measures().records, worker.measures().with);
  }

  /// Threads that meet the same users keep sums of each. Brings those together; whether that has
  /// made room for more input. Where users are too many for it, it is not tried again.
  bool make_room() {
    ChunkWorker& all = *workers_.front();
    const auto in_place = [](const auto& worker) { return worker->keeps_sums_in_place(); };
    if (!makes_room_ || !std::all_of(workers_.begin(), workers_.end(), in_place)) return false;
    for (std::size_t w = 1; w < workers_.size(); ++w) {
      context_.checkpoint();
      all.add(finish(*workers_[w]));
      workers_[w] = make_worker();
    }
    kept_bytes_ = all.memory_bytes();
    constexpr std::size_t kWorthGoingOn = 4;  // parts, of which one must be free
    makes_room_ = kept_bytes_ <= usage_bytes_ / kWorthGoingOn * (kWorthGoingOn - 1);
    return makes_room_;
  }

  /// False where the source has no more.
  bool add_next_chunk(ChunkWorker& worker, Chunk& chunk) {
    if (!source_.next(chunk)) return false;
    if (chunk.input >= totals_.size())
      throw std::logic_error("a source gives a chunk of an input that it has not");
    worker.add(chunk);
    context_.advance(chunk.covered_bytes());
    return true;
  }

  void work(std::size_t thread) {
    ChunkWorker& worker = *workers_[thread];
    std::size_t counted_bytes = worker.memory_bytes();
    std::size_t counted_task_bytes = 0;
    const RejectLedger::Working working(rejects_);
    Chunk chunk;
    while (kept_bytes_ < usage_bytes_) {
      checkpoint_();
      if (!add_next_chunk(worker, chunk)) {
        at_end_ = true;
        return;
      }
      const std::size_t worker_bytes = worker.memory_bytes();
      kept_bytes_ += worker_bytes - counted_bytes;
      counted_bytes = worker_bytes;
      const std::size_t worker_task_bytes = worker.task_bytes();
      task_bytes_ += worker_task_bytes - counted_task_bytes;
      counted_task_bytes = worker_task_bytes;
      check_task_names(task_bytes_, context_.memory.names_bytes);
    }
  }

  const AggregateJob& job_;
  const InputFormats& formats_;
  RecordSource& source_;
  RejectLedger& rejects_;
  const JobContext& context_;
  MeterOptions options_;
  std::atomic<bool>& failed_;
  const std::function<void()>& checkpoint_;
  std::size_t usage_bytes_;
  // What all threads together keep of the usage under way.
  std::atomic<std::size_t> kept_bytes_ = 0;
  std::atomic<std::size_t> task_bytes_ = 0;
  std::atomic<bool> at_end_ = false;
  bool makes_room_ = true;                             ///< false once trying it did not help
  std::vector<std::unique_ptr<ChunkWorker>> workers_;  ///< one for each thread
  std::vector<InputTotals> totals_;
  std::vector<std::uint64_t> filtered_by_;
  MeasureCounts measures_;
};

/// Records of a decoder of the host are lines.
CutterMaker cutter_maker(const AggregateJob& job, const InputFormats& formats) {
  return [&job, &formats](std::size_t input) {
    const bool are_lines = job.mediation.decoder || formats.records(input).wrapper != Wrapper::none;
    return are_lines ? make_line_cutter()
                     : formats.format(input).make_cutter(
                           /*at_input_start=*/true, job.mediation.max_record_bytes);
  };
}

/// Returns the usage of all that is metered where it fits into memory; else null, and it is in
/// `runs`.
std::unique_ptr<OrderedUsage> meter_slices(SliceMeter& meter, UsageRuns& runs,
                                           std::uint64_t all_bytes, JobContext& context) {
  std::unique_ptr<OrderedUsage> usage;
  std::uint64_t read_bytes = 0;
  do {
    context.begin("reading", read_bytes, all_bytes);
    Usage slice = meter.next();
    read_bytes = context.done();
    context.timer.passed("meter");
    context.begin("sorting");
    usage = close(std::move(slice), context.checkpoint);
    context.timer.passed("close");
    if (meter.at_end() && runs.empty()) break;
    context.begin("setting aside");
    if (usage->block_count() > 0) runs.spill(*usage);
    usage.reset();
    runs.bring_together();
    context.timer.passed("spill");
  } while (!meter.at_end());
  return usage;
}

/// Reads all records and finds those that stay. The stage lives on with the result.
void meter_deduped(const AggregateJob& job, SliceMeter& meter, const Reading& reading,
                   const SumRules& rules, const TakeDuplicate& take_duplicate,
                   std::uint64_t all_bytes, JobContext& context, MeteringResult& metered) {
  const std::size_t log_count = reading.log_count;
  const std::size_t read_count = meter.totals().size();
  const std::size_t all_count = log_count + read_count + reading.last_lines.size();
  metered.deduped = std::make_unique<DedupedUsage>(
      DedupedUsage{std::make_unique<DedupeStage>(job.format.dedupe, all_count, context.memory,
                                                 spill_options(job, context),
                                                 /*lists=*/static_cast<bool>(take_duplicate)),
                   log_count, read_count});
  DedupedUsage& deduped = *metered.deduped;
  if (reading.kept != nullptr) deduped.stage->add(*reading.kept, 0);
  context.begin("reading", 0, all_bytes);
  meter.put_aside(*deduped.stage, log_count);
  if (!reading.last_lines.empty()) {
    DedupeIntake intake(*deduped.stage, deduped.kept_end(), /*lists=*/false);
    meter.meter_lines(reading.last_lines, reading.last_line_formats, metered.last_lines_totals,
                      &intake);
    intake.finish();
  }
  context.timer.passed("read");
  metered.usage = settle_duplicates(job, deduped, meter.options(), rules, context);
  metered.totals = meter.totals();
  const std::vector<SurvivorTotals>& billed = deduped.billed.by_input;
  for (std::size_t i = 0; i < read_count; ++i) billed[log_count + i].add_to(metered.totals[i]);
  for (std::size_t i = 0; i < reading.last_lines.size(); ++i)
    billed[deduped.kept_end() + i].add_to(metered.last_lines_totals[i]);
  if (take_duplicate) deduped.stage->list(log_count, take_duplicate);
  context.timer.passed("list");
}

}  // namespace

MeteringResult meter_parallel(const AggregateJob& job, const CyclePolicy& cycles, Reading& reading,
                              RejectLedger& rejects, const TakeDuplicate& take_duplicate,
                              JobContext& context) {
  const InputFormats& formats = reading.formats;
  std::vector<Input>& inputs = reading.inputs;
  const std::vector<LastLine>& last_lines = reading.last_lines;
  // A thread that waits for input must not outlive the job.
  std::atomic<bool> failed = false;
  const std::function<void()> checkpoint = [&] {
    context.checkpoint();
    if (failed) throw Error(ErrorKind::run, "another thread has failed");
  };
  std::optional<FileSource> files;
  if (!job.source) {
    for (Input& input : inputs) {
      if (job.maps_inputs) input.map_in_turn();
    }
    files.emplace(inputs, job.chunk_bytes, job.mediation.max_record_bytes,
                  cutter_maker(job, formats), checkpoint);
  }
  std::optional<UnwrappedSource> unwrapped;
  if (files && formats.has_wrappers())
    unwrapped.emplace(*files, inputs, formats, job.mediation.max_record_bytes);
  RecordSource& source = job.source  ? *job.source
                         : unwrapped ? static_cast<RecordSource&>(*unwrapped)
                                     : *files;
  const std::uint64_t all_bytes = source.size_bytes().value_or(0);
  SliceMeter meter(job, formats, cycles, source, rejects, context, failed, checkpoint);
  SumRules rules = sum_rules_of(meter.options());
  rules.wanted = job.prices.usage_key(job.usage.group_by);
  MeteringResult metered;
  if (!job.format.dedupe.by.empty()) {
    meter_deduped(job, meter, reading, rules, take_duplicate, all_bytes, context, metered);
  } else {
    metered.usage = {rules, nullptr, UsageRuns(rules.rows, spill_options(job, context))};
    metered.usage.in_memory = meter_slices(meter, metered.usage.in_files, all_bytes, context);
    if (!last_lines.empty()) {
      metered.last_lines =
          close(meter.meter_lines(last_lines, reading.last_line_formats, metered.last_lines_totals),
                context.checkpoint);
    }
    metered.totals = meter.totals();
  }
  metered.filtered_by = meter.filtered_by();
  metered.measures = meter.measures();
  metered.input_bytes = meter.input_bytes();
  for (std::size_t i = 0; files && i < inputs.size(); ++i)
    metered.compressed_bytes.push_back(files->compressed_bytes(i));
  return metered;
}

}  // namespace billing
