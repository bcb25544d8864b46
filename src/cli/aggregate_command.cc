#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "cli/command.h"
#include "cli/reported_run.h"
#include "options/aggregate_job.h"

namespace billing::cli {
namespace {

int run_aggregate(const AggregateFlags& flags, Mistakes& mistakes) {
  AggregateJob job = make_aggregate_job(flags, read_bill_settings(flags, mistakes), mistakes);
  const InputSearch search = make_input_search(flags, job, mistakes);
  mistakes.report();
  const bool reads_stdin = flags.files_from == "-" ||
                           std::find(job.inputs.begin(), job.inputs.end(), "-") != job.inputs.end();
  if (reads_stdin && isatty(STDIN_FILENO) && !flags.quiet) {
    spdlog::info("reading lines from the terminal; Ctrl-D on a line of its own ends them");
  }
  run_and_report(flags, job, [&](const JobHooks& hooks) {
    FoundInputs found = find_inputs(search, hooks);
    for (const std::string& note : found.notes) spdlog::debug("{}", note);
    job.inputs = std::move(found.paths);
    JobReport report = aggregate(job, hooks);
    found.tell(report);
    return report;
  });
  return 0;
}

}  // namespace

Action set_up_aggregate(CommandOptions& options) {
  auto flags = std::make_shared<AggregateFlags>();
  add_aggregate_options(options, *flags);
  options.notes = {
      "A line of a log: time, user, task, status and duration, between spaces or tabs:\n"
      "  2025-05-02T23:16:50Z user115 login 200 1568ms",
      "Exit codes: 0 done, 1 input, output or overflow, 2 options or prices, 3 too many rejects, "
      "130 interrupted."};
  options.examples = {
      {"billing aggregate logs.txt",
       "Every user's calls in runs of five, by task, to the terminal; rates from .env"},
      {"billing aggregate --input logs.txt --output results.txt --group-by user",
       "One line a user: what they used and what it costs"},
      {"billing aggregate *.log -o bill.csv -c month --timezone Europe/Berlin",
       "A monthly bill as CSV, months by Berlin's calendar"},
      {"billing aggregate logs/ --since 2025-05-01 --partitioned-by date -o "
       "bill.csv",
       "A folder by days, such as logs/2025/05/02/api.log; old days are not opened"},
      {"billing aggregate logs.gz -o bill.jsonl --rejects bad.csv",
       "Compressed input; bad records set aside with file, line and reason"}};
  return [flags](Mistakes& mistakes) { return run_aggregate(*flags, mistakes); };
}

}  // namespace billing::cli
