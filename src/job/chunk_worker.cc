#include "job/chunk_worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "billing/error.h"
#include "formats/record_count.h"
#include "job/unrated_records.h"
#include "wrappers/unwrapper.h"

namespace billing {
namespace {

/// Where a piece of about kPieceBytes of records that begins at `begin` ends. A piece is small
/// enough to be counted again while it is in the cache, and for its rejects to be few.
std::size_t piece_end(const InputFormat& format, std::string_view bytes, std::size_t begin) {
  constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
  if (bytes.size() - begin <= kPieceBytes) return bytes.size();
  return begin + format.record_end(bytes.substr(begin), kPieceBytes - 1);
}

constexpr std::uint64_t kAllBeside = std::numeric_limits<std::uint64_t>::max();

/// The line, from 0, and the offset that a record at byte `text_at` of the text has in its input.
std::pair<std::uint64_t, std::uint64_t> place_in_input(const UnwrappedText& text,
                                                       std::uint64_t text_at) {
  const LinePlace& place = text.place_of(text_at);
  return {place.line - 1, place.offset_bytes};
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

/// Checks every seventh event: does it begin where a line does, or at a brace? Several cursors fill
/// a batch in turn; a step of seven samples each of them. The record count finds most shifted
/// borders; this finds those that leave the count unchanged.
bool events_start_records(const EventBatch& batch, std::string_view piece,
                          const InputFormat& format) {
  constexpr std::size_t kStep = 7;
  const bool begin_lines = format.begin_lines();
  unsigned others = 0;
  for (std::size_t i = 0; i < batch.size; i += kStep) {
    const std::uint64_t at = batch.offset_bytes[i];
    if (begin_lines) {
      others |= at > piece.size() || (at > 0 && piece[at - 1] != '\n') ? 1U : 0U;
    } else {
      others |= at >= piece.size() || piece[at] != '{' ? 1U : 0U;
    }
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
  const bool has_pieces =
      chunk.start == nullptr && chunk.unwrapped == nullptr && !job_.mediation.decoder;
  lines_before_ = 0;
  if (chunk.unwrapped != nullptr) add_lines_beside(chunk);
  if (chunk.unwrapped != nullptr && chunk.bytes.empty()) report_beside(chunk, kAllBeside, report);
  if (chunk.cut) add_cut_record(chunk, report);
  // Of an input that lacks something at its end the state says what.
  if (chunk.bytes.empty() && !chunk.cut && chunk.unwrapped == nullptr)
    add_piece(chunk, 0, 0, report);
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
  events_start_records_ = true;
  const EventsOf kind =
      formats_.format(chunk.input).has_measures() ? EventsOf::measures : EventsOf::records;
  const InputTotals before = totals;
  const MediationCounts counts = mediate(
      {piece, chunk.readable_bytes - begin, offset_bytes == 0, chunk.start.get()},
      formats_.options(chunk.input), *batch_,
      [&](EventBatch& batch) { add_batch(batch, kind, piece, chunk.input); },
      [&](const Reject& reject) { rejects_.push_back(reject); });
  add_filtered(counts, job_.usage.where, totals, filtered_by_);
  measures_.add(counts.events - counts.further_events, counts.with_measure);
  const std::uint64_t accepted = totals.accepted - before.accepted;
  const std::uint64_t filtered = totals.filtered - before.filtered;
  const InputFormat& format = formats_.format(chunk.input);
  const std::uint64_t records =
      format.count_records(piece.substr(0, counts.ends_at.value_or(piece.size())),
                           job_.mediation.simd) +
      (counts.is_broken ? 1 : 0);
  const Int128 accepted_quantity = totals.accepted_quantity - before.accepted_quantity;
  check(chunk, "bytes", piece.size(), counts.bytes);
  check(chunk, "records", records,
        accepted + filtered + rejects_.size() + counts.blanks + counts.directives);
  if (!events_start_records_) {
    throw Error(ErrorKind::run,
                fmt::format("control totals do not balance: after byte {} of input {}, an event "
                            "does not begin where a record does; please report this",
                            chunk.offset_bytes, chunk.input + 1));
  }
  check(chunk, job_.usage.quantity.unit, counts.quantity, accepted_quantity + dropped_quantity_);
  if (chunk.unwrapped == nullptr) totals.bytes += counts.bytes;
  totals.records += records;
  totals.blank += counts.blanks;
  totals.directives += counts.directives;
  totals.without_quantity += counts.without_quantity;
  totals.broken += counts.is_broken ? 1 : 0;
  report_rejects(chunk, piece, offset_bytes, report);
  if (intake_ != nullptr) take_back_accepted(before, totals);
  if (chunk.unwrapped != nullptr) return;  // whose lines are numbered already
  // A piece of other records may end within a line.
  const std::uint64_t lines =
      format.are_lines() ? records : count_byte(piece, '\n', job_.mediation.simd);
  report.add_lines(lines);
  lines_before_ += lines;
}

void ChunkWorker::add_cut_record(const Chunk& chunk, ChunkRejects& report) {
  InputTotals& totals = totals_[chunk.input];
  if (chunk.unwrapped == nullptr) totals.bytes += chunk.cut->bytes;
  ++totals.records;
  ++totals.rejected[static_cast<std::size_t>(RejectReason::too_long)];
  totals.broken += chunk.cut->is_broken ? 1 : 0;
  if (formats_.format(chunk.input).begin_lines()) totals.more_reject_lines += chunk.cut->lines - 1;
  if (chunk.unwrapped != nullptr) report_beside(chunk, kAllBeside, report);
  const auto [line, offset_bytes] =
      chunk.unwrapped != nullptr ? place_in_input(*chunk.unwrapped, 0)
                                 : std::pair<std::uint64_t, std::uint64_t>(0, chunk.offset_bytes);
  report.add(make_rejected_record(line, offset_bytes, 1, RejectReason::too_long, chunk.bytes,
                                  chunk.cut->record_bytes));
  if (chunk.unwrapped != nullptr) return;
  report.add_lines(chunk.cut->lines);
  lines_before_ += chunk.cut->lines;
}

/// What is billed of records that were put aside is known when all have been read.
void ChunkWorker::take_back_accepted(const InputTotals& before, InputTotals& totals) {
  totals.accepted = before.accepted;
  totals.events = before.events;
  totals.accepted_quantity = before.accepted_quantity;
  totals.rounding = before.rounding;
  totals.earliest_ns = before.earliest_ns;
  totals.latest_ns = before.latest_ns;
}

/// What a wrapper holds besides the text that is decoded.
void ChunkWorker::add_lines_beside(const Chunk& chunk) {
  const UnwrappedText& text = *chunk.unwrapped;
  InputTotals& totals = totals_[chunk.input];
  totals.bytes += chunk.wrapped_bytes;
  totals.records += text.lines_beside();
  totals.blank += text.blanks;
  totals.directives += text.directives;
  for (const RejectedLine& one : text.rejects)
    ++totals.rejected[static_cast<std::size_t>(one.reason)];
  reported_beside_ = 0;
}

/// Lines beside the text that stand before byte `text_end` of it.
void ChunkWorker::report_beside(const Chunk& chunk, std::uint64_t text_end, ChunkRejects& report) {
  const std::vector<RejectedLine>& rejects = chunk.unwrapped->rejects;
  for (; reported_beside_ < rejects.size(); ++reported_beside_) {
    const RejectedLine& one = rejects[reported_beside_];
    if (one.place.text_at >= text_end) return;
    report.add(make_rejected_record(one.place.line - 1, one.place.offset_bytes, 1, one.reason,
                                    one.record, one.record_bytes));
  }
}

void ChunkWorker::add_batch(EventBatch& batch, EventsOf kind, std::string_view piece,
                            std::size_t input) {
  InputTotals& totals = totals_[input];
  events_start_records_ &= events_start_records(batch, piece, formats_.format(input));
  dropped_quantity_ += drop_filtered(batch, job_.usage.filter, kind, totals);
  if (job_.unrated == UnratedPolicy::reject)
    dropped_quantity_ += drop_unrated(batch, kind, job_.prices, rejects_);
  if (job_.mediation.decoder) check_signs(batch, job_.usage.quantity);
  if (intake_ != nullptr) {
    put_aside(batch);
  } else {
    refuse_keys(batch);
  }
  // What is put aside is counted all the same: the piece must balance.
  add_accepted(batch, kind, totals);
  if (intake_ == nullptr) meter_.add(batch);
}

void ChunkWorker::put_aside(const EventBatch& batch) {
  if (batch.key == nullptr)
    throw std::invalid_argument("a usage has a duplicate key, and a format of its inputs has none");
  const bool needs_lines = intake_->lists() && newlines_.empty() && chunk_->unwrapped == nullptr;
  for (std::size_t at = 0; needs_lines && (at = piece_.find('\n', at)) != std::string_view::npos;
       ++at)
    newlines_.push_back(at);
  intake_->add(batch, chunk_->input, piece_offset_bytes_,
               [this](std::uint64_t offset_bytes) { return place_of(offset_bytes); });
}

/// Of a record at `offset_bytes` of the piece.
DedupeIntake::Place ChunkWorker::place_of(std::uint64_t offset_bytes) const {
  const std::string_view record =
      formats_.format(chunk_->input).record_at(piece_.substr(offset_bytes), 0);
  if (chunk_->unwrapped != nullptr) {
    const auto [line, input_offset_bytes] = place_in_input(*chunk_->unwrapped, offset_bytes);
    return {chunk_->sequence, line, input_offset_bytes, record};
  }
  const auto lines =
      std::lower_bound(newlines_.begin(), newlines_.end(), offset_bytes) - newlines_.begin();
  return {chunk_->sequence, lines_before_ + static_cast<std::uint64_t>(lines),
          piece_offset_bytes_ + offset_bytes, record};
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
  std::shared_ptr<const RecordState> state = chunk.start;  // that holds at counted_to
  for (const Reject& reject : rejects_) {
    ++totals.rejected[static_cast<std::size_t>(reject.reason)];
    if (!format.are_lines() && format.begin_lines()) {
      const std::string_view record =
          format.record_at(piece.substr(reject.offset_bytes), reject.length_bytes);
      totals.more_reject_lines +=
          static_cast<std::uint64_t>(std::count(record.begin(), record.end(), '\n'));
    }
    if (!ledger_.keeps_all() && report.count() >= RejectLedger::kExamples) continue;
    const std::size_t at = std::min<std::size_t>(reject.offset_bytes, piece.size());
    line += static_cast<std::uint64_t>(
        std::count(piece.begin() + counted_to, piece.begin() + at, '\n'));
    state = format.state_behind(std::move(state), piece.substr(counted_to, at - counted_to),
                                offset_bytes + counted_to == 0);
    counted_to = at;
    const std::string_view record = format.record_at(piece.substr(at), reject.length_bytes);
    std::uint64_t reject_offset_bytes = offset_bytes + at;
    if (chunk.unwrapped != nullptr) {
      report_beside(chunk, at + record.size() + 1, report);
      std::tie(line, reject_offset_bytes) = place_in_input(*chunk.unwrapped, at);
    }
    const std::uint32_t column =
        column_of(reject, formats_.options(chunk.input), record, state.get());
    report.add(make_rejected_record(line, reject_offset_bytes, column, reject.reason, record,
                                    record.size()));
  }
  if (chunk.unwrapped != nullptr) report_beside(chunk, kAllBeside, report);
}

}  // namespace billing
