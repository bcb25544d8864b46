#include <oneapi/tbb/parallel_for.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <optional>
#include <stdexcept>
#include <utility>

#include "billing/error.h"
#include "billing/meter.h"
#include "io/file_source.h"
#include "job/chunk_worker.h"
#include "job/metering.h"
#include "job/unwrapped_source.h"

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
        workers_(context.memory.threads),
        totals_(source.input_count()),
        filtered_by_(job.usage.where.size()) {}

  const MeterOptions& options() const { return options_; }

  /// The usage of what comes next in the inputs.
  Usage next() {
    for (auto& worker : workers_) worker = make_worker();
    kept_bytes_ = 0;
    do {
      task_bytes_ = 0;
      tbb::parallel_for(
          std::size_t{0}, workers_.size(), [this](std::size_t i) { work(*workers_[i]); },
          tbb::simple_partitioner());
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

  /// By input, the totals of all that next() has returned.
  const std::vector<InputTotals>& totals() const { return totals_; }

  /// By expression of `--where`, of the same records and those of meter_lines().
  const std::vector<std::uint64_t>& filtered_by() const { return filtered_by_; }

  /// By input, how many bytes it held; to be called at_end().
  std::vector<std::uint64_t> input_bytes() const {
    std::vector<std::uint64_t> bytes;
    for (std::size_t i = 0; i < totals_.size(); ++i) bytes.push_back(source_.input_bytes(i));
    return bytes;
  }

  /// The usage of lines by themselves, and what became of each.
  Usage meter_lines(const std::vector<LastLine>& lines, const InputFormats& formats,
                    std::vector<InputTotals>& totals) {
    RejectLedger unheard({}, std::vector<LedgerInput>(lines.size()));
    ChunkWorker worker(job_, formats, options_, lines.size(), unheard, checkpoint_);
    Chunk chunk;
    for (const LastLine& line : lines) {
      chunk.start = nullptr;
      if (line.may_be_header)
        chunk.start = formats.format(chunk.input)
                          .make_cutter(true, job_.mediation.max_record_bytes)
                          ->pass({});
      chunk.offset_bytes = line.offset_bytes;
      chunk.bytes = line.text;
      chunk.readable_bytes = line.text.size();
      worker.add(chunk);
      ++chunk.input;
      ++chunk.sequence;
    }
    totals = worker.totals();
    count_filtered(worker);
    return worker.finish();
  }

 private:
  std::unique_ptr<ChunkWorker> make_worker() const {
    return std::make_unique<ChunkWorker>(job_, formats_, options_, totals_.size(), rejects_,
                                         checkpoint_);
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
    makes_room_ = kept_bytes_ <= context_.memory.usage_bytes / kWorthGoingOn * (kWorthGoingOn - 1);
    return makes_room_;
  }

  void work(ChunkWorker& worker) {
    std::size_t counted_bytes = worker.memory_bytes();
    std::size_t counted_task_bytes = 0;
    const RejectLedger::Working working(rejects_);
    try {
      Chunk chunk;
      while (kept_bytes_ < context_.memory.usage_bytes) {
        checkpoint_();
        if (!source_.next(chunk)) {
          at_end_ = true;
          return;
        }
        if (chunk.input >= totals_.size())
          throw std::logic_error("a source gives a chunk of an input that it has not");
        worker.add(chunk);
        context_.advance(chunk.covered_bytes());
        const std::size_t worker_bytes = worker.memory_bytes();
        kept_bytes_ += worker_bytes - counted_bytes;
        counted_bytes = worker_bytes;
        const std::size_t worker_task_bytes = worker.task_bytes();
        task_bytes_ += worker_task_bytes - counted_task_bytes;
        counted_task_bytes = worker_task_bytes;
        check_task_names(task_bytes_, context_.memory.names_bytes);
      }
    } catch (...) {
      if (failed_.exchange(true)) return;  // the first failure is the one to report
      throw;
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
  // What all threads together keep of the usage under way.
  std::atomic<std::size_t> kept_bytes_ = 0;
  std::atomic<std::size_t> task_bytes_ = 0;
  std::atomic<bool> at_end_ = false;
  bool makes_room_ = true;                             ///< false once trying it did not help
  std::vector<std::unique_ptr<ChunkWorker>> workers_;  ///< one for each thread
  std::vector<InputTotals> totals_;
  std::vector<std::uint64_t> filtered_by_;
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

}  // namespace

MeteringResult meter_parallel(const AggregateJob& job, const CyclePolicy& cycles, Reading& reading,
                              RejectLedger& rejects, JobContext& context) {
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
    for (Input& input : inputs) input.map_in_turn();
    files.emplace(inputs, job.chunk_bytes, job.mediation.max_record_bytes,
                  cutter_maker(job, formats), checkpoint);
  }
  std::optional<UnwrappedSource> unwrapped;
  if (files && formats.has_wrappers())
    unwrapped.emplace(*files, formats, job.mediation.max_record_bytes);
  RecordSource& source = job.source  ? *job.source
                         : unwrapped ? static_cast<RecordSource&>(*unwrapped)
                                     : *files;
  const std::uint64_t all_bytes = source.size_bytes().value_or(0);
  std::uint64_t read_bytes = 0;
  SliceMeter meter(job, formats, cycles, source, rejects, context, failed, checkpoint);

  SumRules rules = sum_rules_of(meter.options());
  rules.wanted = job.prices.usage_key(job.usage.group_by);
  UsageRuns runs(rules.rows, spill_options(job, context));
  std::unique_ptr<OrderedUsage> usage;
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
  MeteringResult metered;
  if (!last_lines.empty()) {
    metered.last_lines =
        close(meter.meter_lines(last_lines, reading.last_line_formats, metered.last_lines_totals),
              context.checkpoint);
  }
  metered.totals = meter.totals();
  metered.filtered_by = meter.filtered_by();
  metered.input_bytes = meter.input_bytes();
  for (std::size_t i = 0; files && i < inputs.size(); ++i)
    metered.compressed_bytes.push_back(files->compressed_bytes(i));
  metered.usage = {std::move(rules), std::move(usage), std::move(runs)};
  return metered;
}

}  // namespace billing
