#include "billing/inspect.h"

#include <algorithm>

#include "billing/cycle_policy.h"
#include "billing/error.h"
#include "billing/job_hooks.h"
#include "billing/job_report.h"
#include "partials/partial_file.h"
#include "partials/usage_runs.h"

namespace billing {
namespace {

/// Rows between two looks at whether the host wants to go on.
constexpr std::uint64_t kRowsAtOnce = std::uint64_t{1} << 16;

void count_rows(const PartialFile& partial, PartialContent& content,
                const std::function<void()>& checkpoint) {
  UsageFileReader file = read_rows(partial.rows);
  UsageRow row{};
  while (file.next_user()) {
    if (!file.user().empty()) ++content.users;
    while (file.next_row(row)) {
      if (++content.rows % kRowsAtOnce == 0) checkpoint();
      if (row.task >= content.tasks.size()) continue;
      PartialContent::Task& task = content.tasks[row.task];
      task.calls += calls_of(row, content.kind);
      task.quantity += row.quantity;
    }
  }
}

void count_records(const KeptRecords& records, PartialContent& content,
                   const std::function<void()>& checkpoint) {
  constexpr std::size_t kReadBytes = std::size_t{64} << 10;
  const auto run = make_run(records, 0);
  const auto is_before = [](const PartialContent::Task& task, std::string_view name) {
    return task.name < name;
  };
  for (std::size_t range = 0; range < kKeyRanges; ++range) {
    const std::unique_ptr<KeyedReader> reader = run->read(range, kReadBytes);
    for (KeyedRow row; reader->next(row);) {
      if (++content.records % kRowsAtOnce == 0) checkpoint();
      for (std::string_view events = keyed_record(row.bytes).events; !events.empty();) {
        const KeyedEvent event = take_event(events);
        const auto task =
            std::lower_bound(content.tasks.begin(), content.tasks.end(), event.task, is_before);
        if (task == content.tasks.end() || task->name != event.task) continue;
        ++task->calls;
        task->quantity += event.quantity;
      }
    }
  }
}

}  // namespace

PartialContent inspect_partial(const std::string& path, const JobHooks& hooks) {
  PartialContent content;
  const auto checkpoint = [&hooks] {
    if (hooks.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
  };
  PartialSink sink;
  sink.task = [&content](std::string_view task) {
    if (content.task_count++ < kMaxReported) content.tasks.push_back({std::string(task), 0, 0});
  };
  sink.input = [&content](const PartialInput& input) {
    if (content.input_count++ < kMaxReported)
      content.inputs.push_back({shown_name(input), input.totals, {}});
  };
  const PartialFile partial = open_partial(path, make_cycle_policy, sink, checkpoint);
  content.size_bytes = partial.size_bytes;
  content.quantity = partial.options.quantity;
  content.kind = partial.row_kind();
  content.options = shown_options(partial.options);
  content.totals = partial.totals;
  content.is_state = partial.state.has_value();
  content.last_lines = partial.last_lines;
  content.last_lines_bytes = partial.last_lines_bytes;
  count_rows(partial, content, checkpoint);
  if (partial.records) count_records(*partial.records, content, checkpoint);
  return content;
}

}  // namespace billing
