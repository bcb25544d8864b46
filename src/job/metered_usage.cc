#include "job/metered_usage.h"

#include <utility>

#include "job/control_totals.h"
#include "partials/partial_file.h"
#include "partials/usage_file_writer.h"

namespace billing {

SpillOptions spill_options(const BillJob& job, JobContext& context) {
  return {job.temp_folder, context.memory.merge_bytes, context.checkpoint,
          &context.report.spilled_bytes};
}

std::unique_ptr<Sums> make_sums(const BillJob& job, MeteredUsage usage, JobContext& context) {
  UsageRuns sum_runs(false, spill_options(job, context));
  const SumSpill spill{context.memory.sum_rows,
                       [&](const OrderedUsage& rows) {
                         sum_runs.spill(rows);
                         sum_runs.bring_together();
                       },
                       [&] { return sum_runs.merged(); }};
  if (usage.in_memory) {
    return make_sums(std::move(usage.in_memory), usage.numbering, context.checkpoint, spill);
  }
  return make_sums(usage.in_files.merged(), usage.numbering, context.checkpoint, spill);
}

std::uint64_t write_partial(MeteredUsage& usage, PartialHeader header, OutputFile& output,
                            const std::function<void()>& checkpoint) {
  const auto append = [&output](std::string_view bytes) { output.append(bytes); };
  header.events = usage.numbering.calls_per_cycle > 0;
  UsageFileWriter writer(append, checkpoint, header.events);
  if (usage.in_memory) {
    header.tasks = usage.in_memory->tasks();
    begin_partial(writer, append, header);
    writer.write_rows(*usage.in_memory);
  } else {
    const UsageSource source = usage.in_files.merged();
    header.tasks = source.tasks;
    begin_partial(writer, append, header);
    writer.write_rows(*source.open());
  }
  writer.finish();
  check_usage_balance(header.totals(), writer.totals());
  return writer.totals().rows;
}

}  // namespace billing
