#include "job/metered_usage.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "job/control_totals.h"
#include "partials/partial_file.h"
#include "partials/usage_file_writer.h"

namespace billing {
namespace {

/// What each range has of the input: all of it but the events, their quantity and their records
/// stands in the first. Of records with several events, which are all of one user, others than the
/// first count no more than they must have.
std::vector<PartialInput> inputs_by_range(const PartialInput& input, const UserRanges& ranges) {
  const bool has_an_event_each = input.totals.events == input.totals.accepted;
  std::vector<PartialInput> inputs(ranges.size(), input);
  InputTotals& first = inputs.front().totals;
  for (std::size_t i = 1; i < inputs.size(); ++i) {
    InputTotals& totals = inputs[i].totals;
    totals = InputTotals();
    totals.earliest_ns = input.totals.earliest_ns;
    totals.latest_ns = input.totals.latest_ns;
    totals.events = static_cast<std::uint64_t>(ranges.totals(i).calls);
    totals.accepted_quantity = ranges.totals(i).quantity;
    totals.accepted =
        has_an_event_each ? totals.events : (totals.events + kMaxMeasures - 1) / kMaxMeasures;
    totals.records = totals.accepted;
    first.events -= totals.events;
    first.accepted_quantity -= totals.accepted_quantity;
    first.accepted -= totals.accepted;
    first.records -= totals.accepted;
    // Pieces without bytes that others begin behind: a merge joins them.
    inputs[i].piece = InputPiece{input.piece ? input.piece->begin_bytes : 0, false};
  }
  return inputs;
}

std::uint64_t write_range(const UserRanges& usage, std::size_t range, const DecodedHeader& header,
                          InputList inputs, const ByteSink& sink,
                          const std::function<void()>& checkpoint) {
  UsageFileWriter writer(sink, checkpoint, header.rows);
  begin_partial(writer, sink, header);
  for (std::size_t i = 0; i < usage.tasks().size(); ++i) writer.write_task(usage.tasks()[i]);
  inputs.write(writer);
  usage.write_rows(range, writer);
  writer.finish();
  check_usage_balance(inputs.totals(), writer.totals(), {});
  return writer.totals().rows;
}

}  // namespace

ByteSink append_to(OutputFile& output) {
  return [&output](std::string_view bytes) { output.append(bytes); };
}

UsageRuns& MeteredUsage::moved_to_files() {
  if (in_memory && in_memory->block_count() > 0) in_files.set_beside_files(*in_memory);
  in_memory.reset();
  return in_files;
}

SpillOptions spill_options(const std::string& folder, const MemoryPlan& memory,
                           std::function<void()> checkpoint, std::uint64_t* spilled_bytes) {
  const std::size_t most = memory.names_bytes;
  return {folder, memory.merge_bytes, std::move(checkpoint),
          [most](std::uint64_t bytes) { check_task_names(bytes, most); }, spilled_bytes};
}

SpillOptions spill_options(const BillJob& job, JobContext& context) {
  return spill_options(job.temp_folder, context.memory, context.checkpoint,
                       &context.report.spilled_bytes);
}

std::unique_ptr<Sums> make_sums(const BillJob& job, MeteredUsage usage, JobContext& context) {
  context.begin(usage.in_memory ? "sorting" : "merging");
  return make_sums(std::move(usage), context.memory.sum_rows, spill_options(job, context));
}

std::unique_ptr<Sums> make_sums(MeteredUsage usage, std::size_t max_rows,
                                const SpillOptions& options) {
  UsageRuns sum_runs(RowKind::sums, options);
  const SumSpill spill{max_rows,
                       [&](const OrderedUsage& rows) {
                         sum_runs.spill(rows);
                         sum_runs.bring_together();
                       },
                       [&] { return sum_runs.merged(); }};
  if (usage.in_memory)
    return make_sums(std::move(usage.in_memory), usage.rules, options.checkpoint, spill);
  return make_sums(usage.in_files.merged(), usage.rules, options.checkpoint, spill);
}

std::uint64_t write_partial(MeteredUsage& usage, DecodedHeader header, InputList inputs,
                            const ByteSink& sink, const std::function<void()>& checkpoint,
                            const KeptSource* kept) {
  header.rows = usage.rules.rows;
  UsageFileWriter writer(sink, checkpoint, header.rows);
  begin_partial(writer, sink, header);
  KeyedTotals records;
  if (kept != nullptr) {
    const UsageSource source = usage.moved_to_files().merged();
    const std::vector<std::string> tasks = all_tasks(source.tasks, *kept);
    for (const std::string& task : tasks) writer.write_task(task);
    records = write_records(writer, *kept, inputs.write(writer), checkpoint);
    const auto rows = source.open();
    writer.write_rows(*renumber(*rows, source.tasks, tasks));
  } else {
    const auto write = [&](const TaskNames& tasks, auto&& rows) {
      for (std::size_t i = 0; i < tasks.size(); ++i) writer.write_task(tasks[i]);
      inputs.write(writer);
      writer.write_rows(rows);
    };
    if (usage.in_memory) {
      write(usage.in_memory->tasks(), *usage.in_memory);
    } else {
      const UsageSource source = usage.in_files.merged();
      write(source.tasks, *source.open());
    }
  }
  writer.finish();
  check_usage_balance(inputs.totals(), writer.totals(), records);
  return writer.totals().rows + records.records;
}

std::uint64_t write_partials(const UserRanges& usage, const PartialInput& input,
                             const DecodedHeader& header, const RangeSink& sink,
                             const std::function<void()>& checkpoint) {
  std::vector<PartialInput> inputs = inputs_by_range(input, usage);
  std::uint64_t rows = 0;
  for (std::size_t i = 0; i < usage.size(); ++i) {
    InputList one;
    one.add(std::move(inputs[i]));
    rows += write_range(
        usage, i, header, std::move(one), [&](std::string_view bytes) { sink(i, bytes); },
        checkpoint);
  }
  return rows;
}

std::uint64_t write_partial(MeteredUsage& usage, const PartialHeader& header, OutputFile& output,
                            const std::function<void()>& checkpoint, const KeptSource* kept) {
  InputList inputs;
  for (const PartialInput& input : header.inputs) inputs.add(input);
  return write_partial(usage, {{}, named_options(header.options), header.state}, std::move(inputs),
                       append_to(output), checkpoint, kept);
}

}  // namespace billing
