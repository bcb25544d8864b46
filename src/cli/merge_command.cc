#include <memory>

#include "billing/merge.h"
#include "cli/bill_flags.h"
#include "cli/command.h"

namespace billing::cli {
namespace {

constexpr const char* kExamples =
    "Examples:\n"
    "  billing aggregate monday.log --partial monday.partial\n"
    "  billing aggregate tuesday.log --partial tuesday.partial\n"
    "  billing merge monday.partial tuesday.partial --output bill.csv\n"
    "      The same bill as of both logs at once; rates from .env, as for aggregate\n"
    "  billing merge *.partial --partial week.partial\n"
    "      One partial of many, to be merged and billed later\n"
    "Cycles, groups and filters are those that the partials were made with.\n"
    "Exit codes: 0 done, 1 input, output or overflow, 2 options or prices, 130 interrupted.";

struct MergeFlags : BillFlags {
  std::vector<std::string> partials;
};

int run_merge(const MergeFlags& flags, Mistakes& mistakes) {
  const Settings settings = read_bill_settings(flags, mistakes);
  MergeJob job;
  job.partials = flags.partials;
  if (job.partials.empty()) mistakes.add("no partials; name one or more, e.g. *.partial");
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

Action set_up_merge(CLI::App& app) {
  auto flags = std::make_shared<MergeFlags>();
  app.add_option("partials,-i,--input", flags->partials, "Partials, with or without -i")
      ->type_name("FILE")
      ->group(kFilesGroup);
  add_output_options(app, *flags);
  add_money_options(app, *flags);
  add_message_options(app, *flags);
  add_resource_options(app, *flags);
  app.footer(kExamples);
  return [flags](Mistakes& mistakes) { return run_merge(*flags, mistakes); };
}

}  // namespace billing::cli
