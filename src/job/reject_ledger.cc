#include "job/reject_ledger.h"

#include <fmt/format.h>

#include <utility>

#include "base/count_text.h"
#include "billing/error.h"
#include "render/reject_writer.h"

namespace billing {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

bool exceeds(const std::optional<RejectLimit>& limit, const InputTotals& totals) {
  const std::uint64_t rejected = totals.rejected_total();
  if (!limit) return rejected > 0;
  if (limit->records && rejected > *limit->records) return true;
  constexpr Uint128 kOne = 1'000'000'000'000;
  return limit->percent &&
         Uint128{rejected} * 100 * kOne > *limit->percent * (totals.records - totals.blank);
}

std::string counts_by_reason(const InputTotals& totals) {
  std::string text;
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    if (totals.rejected[i] == 0) continue;
    text +=
        fmt::format("{}{} {}", text.empty() ? "" : ", ",
                    reject_reason_name(static_cast<RejectReason>(i)), grouped(totals.rejected[i]));
  }
  return text;
}

}  // namespace

RejectFile::RejectFile(OutputFile& file, bool csv_safe)
    : file_(file), csv_safe_(csv_safe), rows_(kRejectHeader) {}

void RejectFile::take(const std::string& input_name, const RejectedRecord& reject) {
  append_reject_row(rows_,
                    {input_name, reject.line, reject.offset_bytes,
                     reject_reason_name(reject.reason), reject.record},
                    csv_safe_);
  if (rows_.size() < kWriteBytes) return;
  file_.append(rows_);
  rows_.clear();
}

void RejectFile::finish() { file_.append(rows_); }

RejectLedger::RejectLedger(std::vector<RejectTaker*> takers, std::vector<LedgerInput> inputs,
                           std::size_t record_columns)
    : takers_(std::move(takers)), inputs_(std::move(inputs)), record_columns_(record_columns) {}

void RejectLedger::add(std::uint64_t sequence, ChunkRejects rejects) {
  const std::lock_guard lock(mutex_);
  waiting_.emplace(sequence, std::move(rejects));
  while (!waiting_.empty() && waiting_.begin()->first == next_sequence_) {
    const ChunkRejects next = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    ++next_sequence_;
    take(next);
  }
}

void RejectLedger::take(const ChunkRejects& rejects) {
  if (rejects.input != input_) lines_ = 0;
  input_ = rejects.input;
  for (const ChunkRejects::Entry& entry : rejects.entries) {
    add_in_order(input_, {inputs_[input_].first_line + lines_ + entry.line + 1, entry.offset_bytes,
                          entry.column, entry.reason, entry.record});
  }
  lines_ += rejects.records;
}

void RejectLedger::add_in_order(std::size_t input, const RejectedRecord& reject) {
  if (example_count_ < kExamples) {
    ++example_count_;
    append_excerpt(examples_, inputs_[input].name, reject, record_columns_);
    std::string& reason = reasons_[static_cast<std::size_t>(reject.reason)];
    if (reason.empty()) reason = describe_reject_reason(reject);
  }
  for (RejectTaker* const taker : takers_) taker->take(inputs_[input].name, reject);
}

void RejectLedger::finish() {
  for (RejectTaker* const taker : takers_) taker->finish();
}

void RejectLedger::enforce(const std::optional<RejectLimit>& limit, const InputTotals& totals,
                           bool has_file) const {
  if (has_file && !limit) return;
  if (!exceeds(limit, totals)) return;
  const std::uint64_t rejected = totals.rejected_total();
  std::string message =
      fmt::format("{} of {} rejected ({}); no result was written\n", grouped(rejected),
                  counted(totals.records - totals.blank, "record"), counts_by_reason(totals));
  message += examples_;
  if (rejected > example_count_)
    message += fmt::format("  … and {} more\n", grouped(rejected - example_count_));
  for (std::size_t i = 0; i < reasons_.size(); ++i) {
    if (totals.rejected[i] == 0) continue;
    message +=
        reasons_[i].empty() ? describe_reject_reason(static_cast<RejectReason>(i)) : reasons_[i];
    message += '\n';
  }
  if (!has_file) {
    message +=
        "to bill without them: --rejects FILE sets them aside, --max-rejects N|P% allows that many";
  }
  throw Error(ErrorKind::rejects, message);
}

}  // namespace billing
