#include "billing/inspect.h"

#include "billing/cycle_policy.h"
#include "billing/error.h"
#include "partials/partial_file.h"
#include "partials/usage_runs.h"

namespace billing {
namespace {

/// Counts what goes by.
class ContentCounter final : public UsageSink {
 public:
  explicit ContentCounter(PartialContent& content) : content_(content) {}

  void begin_user(std::string_view user, std::uint64_t first_row) override {
    if (first_row == 0 && !user.empty()) ++content_.users;
  }
  void add(std::span<const UsageRow> rows) override {
    content_.rows += rows.size();
    for (const UsageRow& row : rows) {
      PartialContent::Task& task = content_.tasks[row.task];
      task.calls += content_.events ? 1 : row.extra;
      task.quantity += row.quantity;
    }
  }

 private:
  PartialContent& content_;
};

}  // namespace

PartialContent inspect_partial(const std::string& path, const JobHooks& hooks) {
  const PartialFile partial = open_partial(path, make_cycle_policy);
  PartialContent content;
  content.size_bytes = partial.size_bytes;
  content.events = partial.header.events;
  for (const NamedOption& option : partial.header.options)
    content.options.emplace_back(option.first, shown_value(option));
  for (const PartialInput& input : partial.header.inputs)
    content.inputs.push_back({input.name, input.totals, {}});
  content.totals = partial.header.totals();
  for (const std::string& task : partial.header.tasks) content.tasks.push_back({task, 0, 0});

  UsageRuns runs(content.events, {});
  runs.add(partial.rows);
  ContentCounter counter(content);
  const auto stream = runs.merged().open();
  while (stream->next(counter)) {
    if (hooks.cancelled()) throw Error(ErrorKind::interrupted, "interrupted");
  }
  return content;
}

}  // namespace billing
