#include <memory>

#include "billing/merge.h"
#include "cli/command.h"
#include "cli/reported_run.h"
#include "options/merge_job.h"

namespace billing::cli {
namespace {

int run_merge(const MergeFlags& flags, Mistakes& mistakes) {
  const Settings settings = read_bill_settings(flags, mistakes);
  if (flags.partials.empty()) mistakes.add("no partials; name one or more, e.g. *.partial");
  const MergeJob job = make_merge_job(flags, settings, mistakes);
  mistakes.report();
  run_and_report(flags, job, [&job](const JobHooks& hooks) { return merge(job, hooks); });
  return 0;
}

}  // namespace

Action set_up_merge(CommandOptions& options) {
  auto flags = std::make_shared<MergeFlags>();
  add_merge_options(options, *flags);
  options.notes = {
      "Cycles and filters are those that the partials were made with; --group-by may show less "
      "than "
      "they keep.",
      "Exit codes: 0 done, 1 input, output or overflow, 2 options or prices, 130 interrupted."};
  options.examples = {{"billing aggregate monday.log --partial monday.partial"},
                      {"billing aggregate tuesday.log --partial tuesday.partial"},
                      {"billing merge monday.partial tuesday.partial --output bill.csv",
                       "The same bill as of both logs at once; rates from .env, as for aggregate"},
                      {"billing merge *.partial --group-by task",
                       "The same usage by another key: what each task brought in"},
                      {"billing merge *.partial --partial week.partial",
                       "One partial of many, to be merged and billed later"}};
  return [flags](Mistakes& mistakes) { return run_merge(*flags, mistakes); };
}

}  // namespace billing::cli
