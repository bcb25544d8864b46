#include "io/fd_stream.h"
#include "job/metering.h"
#include "naive/naive_engine.h"

namespace billing {

MeteringResult meter_naively(const AggregateJob& job, const InputFormats& formats,
                             const CyclePolicy& cycles, std::vector<Input>& inputs,
                             RejectLedger& rejects, const TakeDuplicate& take_duplicate,
                             JobContext& context) {
  naive::Options options{job.prices.usage_key(job.usage.group_by),
                         &cycles,
                         job.usage.filter,
                         {},
                         job.mediation.max_record_bytes};
  if (job.unrated == UnratedPolicy::reject) {
    options.is_allowed = [&prices = job.prices](std::string_view task) {
      return prices.find(task) != nullptr;
    };
  }
  naive::Engine engine(options);
  MeteringResult metered;
  context.begin("reading", 0, total_size_bytes(inputs).value_or(0));
  std::uint64_t done_bytes = 0;  // of the inputs before
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    FdStream stream(inputs[i], [&](std::uint64_t read_bytes) {
      context.checkpoint();
      context.advance(done_bytes + read_bytes - context.done());
    });
    metered.totals.push_back(
        engine.add(stream, formats.records(i),
                   [&](const RejectedRecord& reject) { rejects.add_in_order(i, reject); }));
    // Counted apart from the engine: what became of the records must add up to it.
    const bool are_records =
        formats.format(i).are_lines() && formats.records(i).wrapper == Wrapper::none;
    if (are_records) metered.totals.back().records = stream.lines();
    metered.input_bytes.push_back(stream.read_bytes());
    metered.compressed_bytes.push_back(stream.compressed_bytes());
    done_bytes += stream.read_bytes();
    inputs[i].close();
  }
  engine.drop_duplicates(metered.totals, take_duplicate);
  metered.filtered_by = engine.filtered_by();
  metered.measures = {engine.measured_records(), engine.with_measure()};
  context.timer.passed("read");
  context.begin("sorting");
  metered.sums = engine.finish();
  context.timer.passed("sum");
  return metered;
}

}  // namespace billing
