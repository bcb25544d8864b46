#include "options/aggregate_flags.h"

#include "options/choices.h"

namespace billing {
namespace {

void add_input_options(CommandOptions& options, AggregateFlags& flags) {
  options.operands = {.value = "FILE", .target = &flags.inputs};
  options.add({.names = "-i,--input",
               .value = "FILE",
               .purpose = "Logs to bill, with or without -i: files, and folders with all below "
                          "them; - is standard input, the default",
               .target = &flags.inputs,
               .group = kFilesGroup,
               .completes = Completion::file});
  options.add({.names = "--files-from",
               .value = "FILE",
               .purpose = "Bill also what this file lists, a path a line; - is standard input",
               .target = &flags.files_from,
               .group = kFilesGroup,
               .completes = Completion::file});
  options.add({.names = "-0,--null-separated",
               .purpose = "Paths in the file of --files-from end in NUL, as find -print0 writes",
               .target = &flags.null_separated,
               .group = kFilesGroup});
  options.add({.names = "--include",
               .value = "GLOB",
               .purpose = "Of folders only files whose path below it, or whose name, matches, such "
                          "as '*.log' or 'eu/**/*.gz'; may be given several times",
               .target = &flags.include,
               .group = kFilesGroup});
  options.add({.names = "--exclude",
               .value = "GLOB",
               .purpose = "Of folders no files and folders that match; may be given several times",
               .target = &flags.exclude,
               .group = kFilesGroup});
  options.add({.names = "--partitioned-by",
               .value = "WHAT",
               .purpose = "date: leave out files that are more than a day outside --since and "
                          "--until by the folders in their path, YYYY/MM/DD, YYYY-MM-DD or "
                          "date=YYYY-MM-DD",
               .target = &flags.partitioned_by,
               .group = kFilesGroup,
               .choices = names_of(kPartitions)});
  options.add({.names = "--state",
               .value = "FOLDER",
               .purpose =
                   "Remember in this folder what was read, of logs of any format, compressed "
                   "or not: each later run meters only what is new in its inputs, and "
                   "bills everything",
               .target = &flags.state,
               .group = kFilesGroup,
               .completes = Completion::folder});
}

void add_billing_options(CommandOptions& options, AggregateFlags& flags) {
  constexpr std::string_view kGroup = "What is billed";
  add_usage_options(options, flags.usage, kGroup);
  options.add({.names = "--anchor-day",
               .value = "DAY",
               .purpose = "Day on which a month, quarter or year begins, 1 to 31",
               .target = &flags.usage.anchor_day,
               .group = kGroup});
  options.add({.names = "--since",
               .value = "TIME",
               .purpose = "Bill events from this date or time on, such as 2025-05-02 or "
                          "2025-05-02T23:16:50Z",
               .target = &flags.since,
               .group = kGroup});
  options.add({.names = "--until",
               .value = "TIME",
               .purpose = "Bill events before this date or time",
               .target = &flags.until,
               .group = kGroup});
  options.add({.names = "--status",
               .value = "LIST",
               .purpose = "Bill these statuses only, e.g. 2xx,404",
               .target = &flags.status,
               .group = kGroup});
  options.add({.names = "--where",
               .value = "EXPR",
               .purpose = "Bill records only for which this is true, such as 'status < 500 and not "
                          "path ~ \"^/health\"': = != < <= > >= ~ !~, in (a, b, 200..299), is "
                          "missing, joined by not, and, or; time, user, task, status and quantity "
                          "are those that are billed, all else are fields. Given several times, "
                          "all must be true",
               .target = &flags.formats.where,
               .group = kGroup});
  add_dedupe_options(options, flags.formats, kGroup);
  options.add({.names = "--dedupe-window",
               .value = "LENGTH",
               .purpose = "With --state: forget keys of records older than the newest one by more, "
                          "such as 35d or 12h; repetitions that come later are billed. Default: "
                          "keep all keys",
               .target = &flags.dedupe_window,
               .group = kGroup});
  options.add(
      {.names = "--duplicates",
       .value = "FILE",
       .purpose = "List the duplicates, which are not billed, in this CSV file; not with --state",
       .target = &flags.duplicates,
       .group = kGroup,
       .completes = Completion::file});
}

void add_reject_options(CommandOptions& options, AggregateFlags& flags) {
  constexpr std::string_view kGroup = "Bad records";
  options.add({.names = "--rejects",
               .value = "FILE",
               .purpose = "Set bad records aside in this CSV file and bill the rest. Without it, "
                          "and without --max-rejects, one bad record ends the run with exit code 3",
               .target = &flags.rejects,
               .group = kGroup,
               .completes = Completion::file});
  options.add({.names = "--max-rejects",
               .value = "N|P%",
               .purpose = "Allow up to N bad records, or a share of P%. 100% also allows a run "
                          "that finds nothing but bad records",
               .target = &flags.max_rejects,
               .group = kGroup});
  options.add({.names = "--max-record-bytes",
               .value = "SIZE",
               .purpose = "A longer line is a bad record, whatever it holds. Default: 16MiB",
               .target = &flags.max_record_bytes,
               .group = kGroup});
  options.add({.names = "--max-input-bytes",
               .value = "SIZE",
               .purpose = "End without a bill where an input holds more text than that, once it is "
                          "decompressed. Default: no limit",
               .target = &flags.max_input_bytes,
               .group = kGroup});
}

void add_engine_options(CommandOptions& options, AggregateFlags& flags) {
  options.add({.names = "--naive",
               .purpose = "The sequential baseline: same bytes, slowly. Also by ENVIRONMENT=naive",
               .target = &flags.naive,
               .group = kEngineGroup});
  options.add({.names = "--parallel",
               .purpose = "The parallel engine (default), whatever ENVIRONMENT says",
               .target = &flags.parallel,
               .group = kEngineGroup});
  options.add({.names = "--chunk-bytes",
               .value = "N",
               .purpose = "Size of the pieces of work; for tests",
               .target = &flags.chunk_bytes,
               .group = kEngineGroup});
}

}  // namespace

void add_aggregate_options(CommandOptions& options, AggregateFlags& flags) {
  add_input_options(options, flags);
  add_format_options(options, flags.formats);
  add_output_options(options, flags);
  add_billing_options(options, flags);
  add_money_options(options, flags, /*reads_records=*/true);
  add_reject_options(options, flags);
  add_message_options(options, flags);
  add_resource_options(options, flags);
  add_engine_options(options, flags);
}

}  // namespace billing
