#include "options/merge_job.h"

#include "options/usage_flags.h"

namespace billing {

void add_merge_options(CommandOptions& options, MergeFlags& flags) {
  options.operands = {.value = "FILE", .target = &flags.partials};
  options.add({.names = "-i,--input",
               .value = "FILE",
               .purpose = "Partials, with or without -i",
               .target = &flags.partials,
               .group = kFilesGroup,
               .completes = Completion::file});
  add_group_by_option(options, flags.group_by, kFilesGroup,
                      "What the lines of the bill keep: one or more of user,cycle,task; users and "
                      "cycles where the partials keep them. Default: as the partials were made");
  add_output_options(options, flags);
  add_money_options(options, flags, /*reads_records=*/false);
  add_message_options(options, flags);
  add_resource_options(options, flags);
}

MergeJob make_merge_job(const MergeFlags& flags, const Settings& settings, Mistakes& mistakes) {
  MergeJob job;
  job.partials = flags.partials;
  if (!flags.group_by.empty()) {
    job.group_by = choose_group_by(flags.group_by, mistakes);
    if (flags.partial) {
      mistakes.add(
          "\1group-by: a partial keeps all that its parts keep; leave it out with \1partial");
    }
  }
  set_bill(flags, settings, /*reads_records=*/false, job, mistakes);
  if (job.unrated == UnratedPolicy::reject) {
    mistakes.add(
        "\1unrated reject: records are gone here; say it, with the rates, where partials are made, "
        "or use zero or fail");
  }
  return job;
}

}  // namespace billing
