#include <memory>

#include "billing/merge.h"
#include "cli/command.h"
#include "cli/reported_run.h"
#include "options/bill_flags.h"
#include "options/usage_flags.h"

namespace billing::cli {
namespace {

struct MergeFlags : BillFlags {
  std::vector<std::string> partials;
  std::vector<std::string> group_by;
};

int run_merge(const MergeFlags& flags, Mistakes& mistakes) {
  const Settings settings = read_bill_settings(flags, mistakes);
  MergeJob job;
  job.partials = flags.partials;
  if (job.partials.empty()) mistakes.add("no partials; name one or more, e.g. *.partial");
  if (!flags.group_by.empty()) {
    job.group_by = choose_group_by(flags.group_by, mistakes);
    if (flags.partial) {
      mistakes.add(
          "--group-by: a partial keeps all that its parts keep; leave it out with --partial");
    }
  }
  set_bill(flags, settings, job, mistakes);
  if (job.unrated == UnratedPolicy::reject) {
    mistakes.add(
        "--unrated reject: records are rejected when a partial is made, and prices come later; "
        "use zero or fail");
  }
  mistakes.report();
  run_and_report(flags, job, [&job](const JobHooks& hooks) { return merge(job, hooks); });
  return 0;
}

}  // namespace

Action set_up_merge(CommandOptions& options) {
  auto flags = std::make_shared<MergeFlags>();
  options.operands = {.value = "FILE", .target = &flags->partials};
  options.add({.names = "-i,--input",
               .value = "FILE",
               .purpose = "Partials, with or without -i",
               .target = &flags->partials,
               .group = kFilesGroup,
               .completes = Completion::file});
  add_group_by_option(options, flags->group_by, kFilesGroup,
                      "What the lines of the bill keep: one or more of user,cycle,task; users and "
                      "cycles where the partials keep them. Default: as the partials were made");
  add_output_options(options, *flags);
  add_money_options(options, *flags, /*reads_records=*/false);
  add_message_options(options, *flags);
  add_resource_options(options, *flags);
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
