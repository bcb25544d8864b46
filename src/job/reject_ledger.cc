#include "job/reject_ledger.h"

#include <fmt/format.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/count_text.h"
#include "billing/money.h"
#include "render/reject_text.h"
#include "render/reject_writer.h"

namespace billing {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{256} << 10;

/// The most that rejects of chunks whose turn has not come may take.
constexpr std::size_t kMaxWaitingBytes = std::size_t{2} << 20;

/// A stray quote makes one record of many lines: a reject counts once for each line that it spans.
bool exceeds(const std::optional<RejectLimit>& limit, const InputTotals& totals) {
  const std::uint64_t rejected = totals.rejected_total() + totals.more_reject_lines;
  if (!limit) return rejected > 0;
  if (limit->records && rejected > *limit->records) return true;
  const std::uint64_t records =
      totals.records - totals.blank - totals.directives + totals.more_reject_lines;
  return limit->percent && Uint128{rejected} * 100 * kMoneyUnit > *limit->percent * records;
}

const RecordFormat& format_of(const LedgerInput& input) {
  static const RecordFormat text;
  return input.format == nullptr ? text : *input.format;
}

/// `--max-rejects 100%`: a run of nothing but rejects is meant.
bool allows_all(const std::optional<RejectLimit>& limit) {
  return limit && limit->percent && *limit->percent >= 100 * kMoneyUnit;
}

}  // namespace

RejectFile::RejectFile(OutputFile& file, bool csv_safe)
    : file_(file), csv_safe_(csv_safe), rows_(kRejectHeader) {}

void RejectFile::take(const std::string& input_name, const RejectedRecord& reject) {
  append_reject_row(rows_, input_name, reject, csv_safe_);
  if (rows_.size() < kWriteBytes) return;
  file_.append(rows_);
  rows_.clear();
}

void RejectFile::finish() { file_.append(rows_); }

RejectLedger::RejectLedger(std::vector<RejectTaker*> takers, std::vector<LedgerInput> inputs,
                           std::size_t record_columns)
    : takers_(std::move(takers)), inputs_(std::move(inputs)), record_columns_(record_columns) {}

RejectLedger::Working::Working(RejectLedger& ledger) : ledger_(ledger) {
  const std::lock_guard lock(ledger_.mutex_);
  ++ledger_.working_;
}

RejectLedger::Working::~Working() {
  const std::lock_guard lock(ledger_.mutex_);
  --ledger_.working_;
}

void RejectLedger::add(std::uint64_t sequence, ChunkRejects rejects, bool ends_chunk,
                       const std::function<void()>& checkpoint) {
  std::unique_lock lock(mutex_);
  // One that lags behind would wait for ever, and one that came before would be lost.
  if (sequence < next_sequence_ || waiting_.contains(sequence) || blocked_.contains(sequence)) {
    throw std::logic_error("a source gives the sequence number " + std::to_string(sequence) +
                           " to two chunks");
  }
  const bool is_little = waiting_bytes_ + rejects.bytes() <= kMaxWaitingBytes;
  if (!ends_chunk || !is_little) await_turn(sequence, lock, checkpoint);
  if (sequence != next_sequence_) {
    waiting_bytes_ += rejects.bytes();
    waiting_.emplace(sequence, std::move(rejects));
    return;
  }
  take(rejects);
  if (!ends_chunk) return;
  ++next_sequence_;
  for (auto next = waiting_.begin(); next != waiting_.end() && next->first == next_sequence_;
       next = waiting_.erase(next), ++next_sequence_) {
    waiting_bytes_ -= next->second.bytes();
    take(next->second);
  }
  turn_.notify_all();
}

/// The chunk whose turn it is never waits, so that the others come to an end.
void RejectLedger::await_turn(std::uint64_t sequence, std::unique_lock<std::mutex>& lock,
                              const std::function<void()>& checkpoint) {
  constexpr auto kCheckEvery = std::chrono::milliseconds(50);
  blocked_.insert(sequence);
  try {
    while (sequence != next_sequence_) {
      checkpoint();
      if (blocked_.size() == working_ && !blocked_.contains(next_sequence_)) fail_missing();
      turn_.wait_for(lock, kCheckEvery);
    }
  } catch (...) {
    blocked_.erase(sequence);
    throw;
  }
  blocked_.erase(sequence);
}

/// Nobody has the chunk whose turn it is, and nobody can fetch it any more.
void RejectLedger::fail_missing() const {
  throw std::logic_error("a source gives the sequence number " + std::to_string(next_sequence_) +
                         " to no chunk, but larger ones");
}

void RejectLedger::take(const ChunkRejects& rejects) {
  if (rejects.input() != input_) lines_ = 0;
  input_ = rejects.input();
  const std::uint64_t lines_before = inputs_[input_].first_line + lines_;
  rejects.for_each([&](RejectedRecord reject) {
    reject.line += lines_before + 1;
    add_in_order(input_, reject);
  });
  lines_ += rejects.lines();
}

void RejectLedger::add_in_order(std::size_t input, const RejectedRecord& reject) {
  if (example_count_ < kExamples) {
    ++example_count_;
    append_excerpt(examples_, inputs_[input].name, reject, record_columns_);
    std::string& reason = reasons_[static_cast<std::size_t>(reject.reason)];
    if (reason.empty()) reason = describe_reject_reason(reject, format_of(inputs_[input]));
  }
  for (RejectTaker* const taker : takers_) taker->take(inputs_[input].name, reject);
}

void RejectLedger::finish() {
  if (!waiting_.empty()) fail_missing();
  for (RejectTaker* const taker : takers_) taker->finish();
}

RejectLedger::Verdict RejectLedger::judge(const std::optional<RejectLimit>& limit,
                                          const InputTotals& totals, bool has_file) {
  if (totals.broken > 0 && !allows_all(limit)) return Verdict::broken;
  if ((limit || !has_file) && exceeds(limit, totals)) return Verdict::too_many;
  const bool only_rejects =
      totals.rejected_total() > 0 && totals.accepted + totals.filtered + totals.duplicates == 0;
  return only_rejects && !allows_all(limit) ? Verdict::nothing_accepted : Verdict::good;
}

std::string RejectLedger::describe(Verdict verdict, const InputTotals& totals,
                                   bool is_one_of_many) const {
  const std::uint64_t rejected = totals.rejected_total();
  const bool is_nothing = verdict == Verdict::nothing_accepted;
  std::string message =
      describe_rejects(totals) + (!is_nothing ? "; no result was written\n"
                                  : is_one_of_many
                                      ? " of what is new, and not one accepted; what was billed "
                                        "before stays billed\n"
                                      : ", and not one accepted\n");
  message += examples_;
  if (rejected > example_count_)
    message += fmt::format("  … and {} more\n", grouped(rejected - example_count_));
  for (std::size_t i = 0; i < reasons_.size(); ++i) {
    if (totals.rejected[i] == 0) continue;
    message += reasons_[i].empty() ? describe_reject_reason(static_cast<RejectReason>(i),
                                                            format_of(inputs_.front()))
                                   : reasons_[i];
    message += '\n';
  }
  if (verdict == Verdict::broken) {
    message +=
        "broken JSON ends its input, as nobody can tell where the next record begins: what stands "
        "behind it was not read; \1max-rejects 100% bills what stands before it\n";
  }
  const bool lack_rates =
      totals.rejected[static_cast<std::size_t>(RejectReason::unrated_task)] == rejected;
  if (is_nothing && lack_rates) {
    message += "no task has a rate: give some with \1rate task=0.005 or RATE_<task>=0.005\n";
  } else if (is_nothing) {
    message += "is this a log of another kind?";
    message += is_one_of_many ? "\n" : " If the bill is to be empty, say \1max-rejects 100%\n";
  }
  return message;
}

}  // namespace billing
