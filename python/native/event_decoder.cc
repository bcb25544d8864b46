#include "event_decoder.h"

#include <string_view>
#include <utility>

#include "billing/error.h"
#include "billing/rejected_record.h"
#include "formats/input_format.h"
#include "formats/text_format.h"
#include "job/event_totals.h"

namespace billing::python {

EventDecoder::EventDecoder(MediationOptions mediation, const EventFilter& filter,
                           std::string input_name, std::uint64_t begin_bytes, std::uint64_t line)
    : mediation_(std::move(mediation)),
      filter_(filter),
      input_name_(std::move(input_name)),
      at_(begin_bytes),
      line_(line) {}

void EventDecoder::decode(const Chunk& chunk, DecodedEvents& events) {
  if (chunk.cut) return pass_over(chunk, events);
  InputTotals& totals = events.totals;
  const auto columns = std::make_shared<EventColumns>(events.table->field_names.size());
  const Int128 quantity_before = totals.accepted_quantity;
  Int128 dropped_quantity = 0;
  std::vector<Reject> found;
  const auto on_batch = [&](EventBatch& batch) {
    dropped_quantity += drop_filtered(batch, filter_, EventsOf::records, totals);
    add_accepted(batch, EventsOf::records, totals);
    for (std::size_t i = 0; i < batch.size; ++i) columns->add(batch, i, at_);
  };
  const MediationCounts counts =
      mediate({chunk.bytes, chunk.readable_bytes, at_ == 0, chunk.start.get()}, mediation_, *batch_,
              on_batch, [&found](const Reject& reject) { found.push_back(reject); });
  for (const Reject& reject : found) ++totals.rejected[static_cast<std::size_t>(reject.reason)];
  count(chunk, counts, totals);
  if (counts.quantity != totals.accepted_quantity - quantity_before + dropped_quantity) {
    throw Error(ErrorKind::run,
                input_name_ +
                    ": not all of the quantity of some records was accounted for; please "
                    "report this");
  }
  line_ = add_rejects(*events.rejects, input_name_, decoding_format(mediation_), chunk.bytes, at_,
                      line_, found);
  at_ += chunk.bytes.size();
  if (columns->size() == 0) return;
  columns->sort();
  events.table->size += columns->size();
  events.table->chunks.push_back(columns);
}

/// A record that was too long to be read.
void EventDecoder::pass_over(const Chunk& chunk, DecodedEvents& events) {
  ++events.totals.records;
  ++events.totals.rejected[static_cast<std::size_t>(RejectReason::too_long)];
  events.totals.bytes += chunk.cut->bytes;
  events.rejects->add(input_name_, make_rejected_record(line_, at_, 1, RejectReason::too_long,
                                                        chunk.bytes, chunk.cut->record_bytes));
  at_ += chunk.cut->bytes;
  if (line_ > 0) line_ += chunk.cut->lines;
}

void EventDecoder::count(const Chunk& chunk, const MediationCounts& counts,
                         InputTotals& totals) const {
  totals.filtered += counts.filtered;
  totals.blank += counts.blanks;
  totals.directives += counts.directives;
  totals.bytes += counts.bytes;
  totals.records += decoding_format(mediation_).count_records(chunk.bytes, mediation_.simd);
  if (counts.bytes == chunk.bytes.size()) return;
  throw Error(ErrorKind::run, input_name_ +
                                  ": not all bytes of some records were accounted for; "
                                  "please report this");
}

}  // namespace billing::python
