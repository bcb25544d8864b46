#include <memory>

#include "cli/aggregate_job.h"
#include "cli/command.h"

namespace billing::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  billing aggregate logs.txt\n"
    "      Every user's calls in runs of five, by task, to the terminal; rates from .env\n"
    "  billing aggregate --input logs.txt --output results.txt --group-by user\n"
    "      One line a user: what they used and what it costs\n"
    "  billing aggregate *.log -o bill.csv --cycle month --timezone Europe/Berlin --status 2xx\n"
    "      A monthly bill as CSV, successful calls only, months by Berlin's calendar\n"
    "  zcat logs.gz | billing aggregate - -o bill.jsonl --rejects bad.csv\n"
    "      Compressed input; bad records set aside with file, line and reason\n"
    "Exit codes: 0 done, 1 input, output or overflow, 2 options or prices, 3 too many rejects,\n"
    "130 interrupted.";

int run_aggregate(const AggregateFlags& flags, Mistakes& mistakes) {
  const AggregateJob job = make_aggregate_job(flags, mistakes);
  mistakes.report();
  run_and_report(flags, job, [&job](const JobHooks& hooks) { return aggregate(job, hooks); });
  return 0;
}

}  // namespace

Action set_up_aggregate(CLI::App& app) {
  auto flags = std::make_shared<AggregateFlags>();
  add_aggregate_options(app, *flags);
  app.footer(kExamples);
  return [flags](Mistakes& mistakes) { return run_aggregate(*flags, mistakes); };
}

}  // namespace billing::cli
