#include "job/unrated_records.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "formats/input_format.h"
#include "formats/text_format.h"

namespace billing {
namespace {

/// In place of the column of a reject that is at the task's.
constexpr std::uint32_t kAtTask = 0;

}  // namespace

std::int64_t drop_unrated(EventBatch& batch, EventsOf kind, const PriceBook& prices,
                          std::vector<Reject>& rejects) {
  const auto is_rated = [&](std::size_t i) {
    const bool bills_nothing = kind == EventsOf::measures && batch.task[i].empty();
    return bills_nothing || prices.find(batch.task[i]) != nullptr;
  };
  std::size_t end = 0;  // of the record at hand, of which is known whether it is kept
  bool is_kept = false;
  return keep_events(batch, [&](std::size_t i) {
    if (i < end) return is_kept;
    is_kept = is_rated(i);
    const std::uint64_t offset_bytes = batch.offset_bytes[i];
    for (end = i + 1;
         kind == EventsOf::measures && end < batch.size && batch.offset_bytes[end] == offset_bytes;
         ++end)
      is_kept = is_kept && is_rated(end);
    if (!is_kept) rejects.push_back({RejectReason::unrated_task, kAtTask, offset_bytes});
    return is_kept;
  });
}

std::uint32_t column_of(const Reject& reject, const MediationOptions& mediation,
                        std::string_view record, const RecordState* state) {
  if (reject.column != kAtTask || mediation.decoder) return std::max(reject.column, 1U);
  return decoding_format(mediation).task_column_at(record, state);
}

void set_columns(std::vector<Reject>& rejects, const RecordBytes& records,
                 const MediationOptions& mediation) {
  std::sort(rejects.begin(), rejects.end(),
            [](const Reject& a, const Reject& b) { return a.offset_bytes < b.offset_bytes; });
  const InputFormat& format = decoding_format(mediation);
  // Owned by the caller, and not by this pointer to it.
  std::shared_ptr<const RecordState> state(std::shared_ptr<const RecordState>(), records.start);
  std::size_t at = 0;  // where `state` holds
  for (Reject& reject : rejects) {
    const std::size_t begin = reject.offset_bytes;
    state = format.state_behind(std::move(state), records.bytes.substr(at, begin - at),
                                records.at_input_start && at == 0);
    at = begin;
    const std::string_view record =
        format.record_at(records.bytes.substr(begin), reject.length_bytes);
    reject.column = column_of(reject, mediation, record, state.get());
  }
}

}  // namespace billing
