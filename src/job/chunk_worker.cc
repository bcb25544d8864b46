#include "job/chunk_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "billing/error.h"
#include "formats/record_count.h"
#include "job/event_totals.h"

namespace billing {
namespace {

/// In place of the column of a reject that is at the task's: found out only where it is shown.
constexpr std::uint32_t kAtTask = 0;

/// The record at the front of `bytes`, less its line end. Of one that became a reject only after it
/// was decoded, the length is not known.
std::string_view record_of(const Reject& reject, std::string_view bytes,
                           const InputFormat& format) {
  const bool is_known = reject.length_bytes > 0;
  std::string_view record =
      bytes.substr(0, is_known ? reject.length_bytes : format.record_end(bytes, 0));
  if (!is_known && record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

/// Where a piece of about kPieceBytes of records that begins at `begin` ends. A piece is small
/// enough to be counted again while it is in the cache, and for its rejects to be few.
std::size_t piece_end(const InputFormat& format, std::string_view bytes, std::size_t begin) {
  constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
  if (bytes.size() - begin <= kPieceBytes) return bytes.size();
  return begin + format.record_end(bytes.substr(begin), kPieceBytes - 1);
}

/// Rejects of a chunk that are handed on before it is done.
constexpr std::size_t kMaxReportBytes = std::size_t{1} << 20;

/// What a piece holds and what its records add up to. Throws Error(run) where they differ.
void check(const Chunk& chunk, std::string_view unit, Int128 held, Int128 found) {
  if (held == found) return;
  throw Error(
      ErrorKind::run,
      fmt::format("control totals do not balance: of the {} {} after byte {} of input {}, {} "
                  "were accounted for; please report this",
                  held, unit, chunk.offset_bytes, chunk.input + 1, found));
}

/// Checks every seventh event: does it begin where a line does? Several cursors fill a batch in
/// turn; a step of seven samples each of them. The record count finds most shifted borders; this
/// finds those that leave the count unchanged.
bool events_start_lines(const EventBatch& batch, std::string_view piece) {
  constexpr std::size_t kStep = 7;
  unsigned others = 0;
  for (std::size_t i = 0; i < batch.size; i += kStep) {
    const std::uint64_t at = batch.offset_bytes[i];
    others |= at > piece.size() || (at > 0 && piece[at - 1] != '\n') ? 1U : 0U;
  }
  return others == 0;
}

}  // namespace

ChunkWorker::ChunkWorker(const AggregateJob& job, const InputFormats& formats,
                         const MeterOptions& options, std::size_t input_count,
                         RejectLedger& rejects, const std::function<void()>& checkpoint,
                         DedupeIntake* intake)
    : job_(job),
      formats_(formats),
      ledger_(rejects),
      checkpoint_(checkpoint),
      meter_(options),
      totals_(input_count),
      filtered_by_(job.usage.where.size()),
      batch_(std::make_unique<EventBatch>()),
      intake_(intake) {}

void ChunkWorker::add(const Chunk& chunk) {
  ChunkRejects report(chunk.input);
  // What holds at a chunk holds at its pieces only where no record depends on those before.
  const bool has_pieces = chunk.start == nullptr && !job_.mediation.decoder;
  lines_before_ = 0;
  if (chunk.cut) add_cut_record(chunk, report);
  for (std::size_t begin = 0, end = 0; !chunk.cut && begin < chunk.bytes.size(); begin = end) {
    end = has_pieces ? piece_end(formats_.format(chunk.input), chunk.bytes, begin)
                     : chunk.bytes.size();
    add_piece(chunk, begin, end, report);
    if (report.bytes() < kMaxReportBytes || end == chunk.bytes.size()) continue;
    ledger_.add(chunk.sequence, std::exchange(report, ChunkRejects(chunk.input)), false,
                checkpoint_);
  }
  ledger_.add(chunk.sequence, std::move(report), true, checkpoint_);
  if (intake_ != nullptr) intake_->end_chunk(chunk.sequence, chunk.input, lines_before_);
}

void ChunkWorker::add_piece(const Chunk& chunk, std::size_t begin, std::size_t end,
                            ChunkRejects& report) {
  InputTotals& totals = totals_[chunk.input];
  const std::string_view piece = chunk.bytes.substr(begin, end - begin);
  const std::uint64_t offset_bytes = chunk.offset_bytes + begin;
  chunk_ = &chunk;
  piece_ = piece;
  piece_offset_bytes_ = offset_bytes;
  newlines_.clear();
  rejects_.clear();
  dropped_quantity_ = 0;
  events_start_lines_ = true;
  const InputTotals before = totals;
  const MediationCounts counts = mediate(
      {piece, chunk.readable_bytes - begin, offset_bytes == 0, chunk.start.get()},
      formats_.options(chunk.input), *batch_,
      [&](EventBatch& batch) { add_batch(batch, piece, totals); },
      [&](const Reject& reject) { rejects_.push_back(reject); });
  add_filtered(counts, job_.usage.where, totals, filtered_by_);
  const std::uint64_t accepted = totals.accepted - before.accepted;
  const std::uint64_t filtered = totals.filtered - before.filtered;
  const InputFormat& format = formats_.format(chunk.input);
  const std::uint64_t records = format.count_records(piece, job_.mediation.simd);
  const Int128 accepted_quantity = totals.accepted_quantity - before.accepted_quantity;
  check(chunk, "bytes", piece.size(), counts.bytes);
  check(chunk, "records", records,
        accepted + filtered + rejects_.size() + counts.blanks + counts.directives);
  if (!events_start_lines_) {
    throw Error(ErrorKind::run,
                fmt::format("control totals do not balance: after byte {} of input {}, an event "
                            "does not begin at the start of a line; please report this",
                            chunk.offset_bytes, chunk.input + 1));
  }
  check(chunk, job_.usage.quantity.unit, counts.quantity, accepted_quantity + dropped_quantity_);
  totals.bytes += counts.bytes;
  totals.records += records;
  totals.blank += counts.blanks;
  totals.directives += counts.directives;
  report_rejects(chunk, piece, offset_bytes, report);
  const std::uint64_t lines =
      format.are_lines() ? records : count_lines(piece, job_.mediation.simd);
  report.add_lines(lines);
  lines_before_ += lines;
  if (intake_ == nullptr) return;
  // What is billed of them will be known when all records have been read.
  totals.accepted = before.accepted;
  totals.accepted_quantity = before.accepted_quantity;
  totals.earliest_ns = before.earliest_ns;
  totals.latest_ns = before.latest_ns;
}

void ChunkWorker::add_cut_record(const Chunk& chunk, ChunkRejects& report) {
  InputTotals& totals = totals_[chunk.input];
  totals.bytes += chunk.cut->bytes;
  ++totals.records;
  ++totals.rejected[static_cast<std::size_t>(RejectReason::too_long)];
  totals.more_reject_lines += chunk.cut->lines - 1;
  report.add(make_rejected_record(0, chunk.offset_bytes, 1, RejectReason::too_long, chunk.bytes,
                                  chunk.cut->record_bytes));
  report.add_lines(chunk.cut->lines);
  lines_before_ += chunk.cut->lines;
}

void ChunkWorker::add_batch(EventBatch& batch, std::string_view piece, InputTotals& totals) {
  events_start_lines_ &= events_start_lines(batch, piece);
  dropped_quantity_ += drop_filtered(batch, job_.usage.filter, totals);
  if (job_.unrated == UnratedPolicy::reject) drop_unrated(batch);
  if (job_.mediation.decoder) check_signs(batch, job_.usage.quantity);
  add_accepted(batch, totals);
  if (intake_ != nullptr) return put_aside(batch);
  refuse_keys(batch);
  meter_.add(batch);
}

void ChunkWorker::put_aside(const EventBatch& batch) {
  if (intake_->lists() && newlines_.empty()) {
    for (std::size_t at = 0; (at = piece_.find('\n', at)) != std::string_view::npos; ++at)
      newlines_.push_back(at);
  }
  const InputFormat& format = formats_.format(chunk_->input);
  intake_->add(batch, chunk_->input, piece_offset_bytes_, [&](std::uint64_t offset_bytes) {
    const auto lines =
        std::lower_bound(newlines_.begin(), newlines_.end(), offset_bytes) - newlines_.begin();
    return DedupeIntake::Place{
        chunk_->sequence, lines_before_ + static_cast<std::uint64_t>(lines),
        record_of({RejectReason::duplicate, 1, offset_bytes}, piece_.substr(offset_bytes), format)};
  });
}

void ChunkWorker::drop_unrated(EventBatch& batch) {
  dropped_quantity_ += keep_events(batch, [&](std::size_t i) {
    if (job_.prices.find(batch.task[i]) != nullptr) return true;
    rejects_.push_back({RejectReason::unrated_task, kAtTask, batch.offset_bytes[i]});
    return false;
  });
}

/// Counts the lines before each reject in one sweep over the piece.
void ChunkWorker::report_rejects(const Chunk& chunk, std::string_view piece,
                                 std::uint64_t offset_bytes, ChunkRejects& report) {
  InputTotals& totals = totals_[chunk.input];
  const InputFormat& format = formats_.format(chunk.input);
  std::sort(rejects_.begin(), rejects_.end(),
            [](const Reject& a, const Reject& b) { return a.offset_bytes < b.offset_bytes; });
  std::size_t counted_to = 0;
  std::uint64_t line = report.lines();
  for (const Reject& reject : rejects_) {
    ++totals.rejected[static_cast<std::size_t>(reject.reason)];
    if (!format.are_lines()) {
      const std::string_view record = record_of(reject, piece.substr(reject.offset_bytes), format);
      totals.more_reject_lines +=
          static_cast<std::uint64_t>(std::count(record.begin(), record.end(), '\n'));
    }
    if (!ledger_.keeps_all() && report.count() >= RejectLedger::kExamples) continue;
    const std::size_t at = std::min<std::size_t>(reject.offset_bytes, piece.size());
    line += static_cast<std::uint64_t>(
        std::count(piece.begin() + counted_to, piece.begin() + at, '\n'));
    counted_to = at;
    const std::string_view record = record_of(reject, piece.substr(at), format);
    const bool is_at_task = reject.column == kAtTask && !job_.mediation.decoder;
    const std::uint32_t column =
        is_at_task ? format.task_column(record) : std::max(reject.column, 1U);
    report.add(make_rejected_record(line, offset_bytes + at, column, reject.reason, record,
                                    record.size()));
  }
}

}  // namespace billing
