#include "billing/inspect.h"

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
  return content;
}

}  // namespace billing
