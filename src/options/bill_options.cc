// The rows of the options that bill_flags.cc makes a job of.

#include <string_view>
#include <vector>

#include "options/bill_flags.h"
#include "options/choices.h"

namespace billing {
namespace {

/// Records can be rejected only while they are read.
std::vector<std::string_view> unrated_policies(bool reads_records) {
  std::vector<std::string_view> names = names_of(kUnrated);
  if (!reads_records) std::erase(names, "reject");
  return names;
}

}  // namespace

void add_output_options(CommandOptions& options, BillFlags& flags) {
  options.add({.names = "-o,--output",
               .value = "PATH",
               .purpose = "Where the bill goes: a file, a folder (a name with the time is made "
                          "up), or - (default) for standard output. Appears whole or not at all",
               .target = &flags.output,
               .group = kFilesGroup,
               .completes = Completion::file});
  options.add({.names = "--output-format",
               .value = "NAME",
               .purpose = "text, csv or jsonl. Default: by the ending of --output (.csv, .jsonl, "
                          ".ndjson), else text",
               .target = &flags.output_format,
               .group = kFilesGroup,
               .choices = names_of(kFormats)});
  options.add({.names = "--csv-safe",
               .purpose = "Put ' before CSV cells that begin with = + - @",
               .target = &flags.csv_safe,
               .group = kFilesGroup});
  options.add({.names = "--partial",
               .value = "FILE",
               .purpose = "Write the usage, not rated, to this file instead of a bill: for "
                          "billing merge",
               .target = &flags.partial,
               .group = kFilesGroup,
               .completes = Completion::file});
}

void add_money_options(CommandOptions& options, BillFlags& flags, bool reads_records) {
  constexpr std::string_view kGroup = "Rates and money";
  options.add(
      {.names = "-r,--rate",
       .value = "TASK=DECIMAL",
       .purpose = "Price of a task per ms (or per --unit), e.g. login=0.005; *=0.01 is that of all "
                  "other tasks (`*` stands alone only: *.out is a name); may be repeated. Wins "
                  "over RATE_<task> in the environment, "
                  "and that over .env",
       .target = &flags.rates,
       .group = kGroup});
  options.add({.names = "--env-file",
               .value = "FILE",
               .purpose = "Read this file instead of .env of this folder",
               .target = &flags.env_file,
               .group = kGroup,
               .completes = Completion::file});
  options.add(
      {.names = "--unrated",
       .value = "POLICY",
       .purpose = reads_records
                      ? "Tasks without a rate: zero (default; with a warning), reject, or fail. Of "
                        "these reject alone goes with --partial, where rates say which tasks are "
                        "accepted"
                      : "Tasks without a rate: zero (default; with a warning) or fail",
       .target = &flags.unrated,
       .group = kGroup,
       .choices = unrated_policies(reads_records)});
  options.add({.names = "--rounding",
               .value = "MODE",
               .purpose = "Of each line, once: half-up (default), half-even, half-down, up, down",
               .target = &flags.rounding,
               .group = kGroup,
               .choices = {kRoundingNames.begin(), kRoundingNames.end()}});
  options.add({.names = "--scale",
               .value = "DIGITS",
               .purpose = "Digits after the point, 0 to 12. Default: 2",
               .target = &flags.scale,
               .group = kGroup});
}

void add_message_options(CommandOptions& options, BillFlags& flags) {
  options.add({.names = "-q,--quiet",
               .purpose = "No summary and no progress; warnings stay",
               .target = &flags.quiet,
               .group = kMessagesGroup});
  options.add({.names = "--summary",
               .value = "FORM",
               .purpose = "text, or json: one line on standard error, also with -q",
               .target = &flags.summary,
               .group = kMessagesGroup,
               .choices = names_of(kSummaries)});
}

void add_resource_options(CommandOptions& options, BillFlags& flags) {
  options.add({.names = "--threads",
               .value = "N",
               .purpose = "Default: one for each processor",
               .target = &flags.threads,
               .group = kEngineGroup});
  options.add({.names = "--memory-limit",
               .value = "SIZE",
               .purpose = "Keep no more than this in memory, e.g. 2GB; the rest goes to temporary "
                          "files. Default: 60 % of what the machine or the container has",
               .target = &flags.memory_limit,
               .group = kEngineGroup});
  options.add({.names = "--temp-dir",
               .value = "FOLDER",
               .purpose = "Where temporary files go. Default: TMPDIR, else /var/tmp",
               .target = &flags.temp_dir,
               .group = kEngineGroup,
               .completes = Completion::folder});
  options.add({.names = "--slice-bytes",
               .value = "N",
               .purpose = "Usage kept in memory before it goes to a temporary file; for tests",
               .target = &flags.slice_bytes,
               .group = kEngineGroup});
}

}  // namespace billing
