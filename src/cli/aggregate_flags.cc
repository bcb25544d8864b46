#include "cli/aggregate_flags.h"

namespace billing::cli {
namespace {

void add_file_options(CLI::App& app, AggregateFlags& flags) {
  constexpr const char* kGroup = "Input and output";
  app.add_option("logs,-i,--input", flags.inputs,
                 "Logs to bill, with or without -i; - is standard input, the default")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("-o,--output", flags.output,
                 "Where the bill goes: a file, a folder (a name with the time is made up), or - "
                 "(default) for standard output. Appears whole or not at all")
      ->type_name("PATH")
      ->group(kGroup);
  app.add_option("--output-format", flags.output_format,
                 "text, csv or jsonl. Default: by the ending of --output, else text")
      ->type_name("NAME")
      ->group(kGroup);
  app.add_flag("--csv-safe", flags.csv_safe, "Put ' before CSV cells that begin with = + - @")
      ->group(kGroup);
}

void add_billing_options(CLI::App& app, AggregateFlags& flags) {
  constexpr const char* kGroup = "What is billed";
  app.add_option("-g,--group-by", flags.group_by, "One or more of user,cycle,task")
      ->type_name("PARTS")
      ->group(kGroup)
      ->capture_default_str();
  app.add_option(
         "-c,--cycle", flags.cycle,
         "Billing cycle: calls:N, hour, day, week, month, quarter, year, every:<n><s|m|h|d>, "
         "all. With calls:N a late record may renumber a user's later cycles")
      ->type_name("POLICY")
      ->group(kGroup)
      ->capture_default_str();
  app.add_option("--timezone", flags.timezone, "IANA zone of cycles, --since and --until")
      ->type_name("ZONE")
      ->group(kGroup)
      ->capture_default_str();
  app.add_option("--anchor-day", flags.anchor_day,
                 "Day on which a month, quarter or year begins, 1 to 31")
      ->type_name("DAY")
      ->group(kGroup);
  app.add_option("--since", flags.since, "Bill events from this date or time on")
      ->type_name("TIME")
      ->group(kGroup);
  app.add_option("--until", flags.until, "Bill events before this date or time")
      ->type_name("TIME")
      ->group(kGroup);
  app.add_option("--status", flags.status, "Bill these statuses only, e.g. 2xx,404")
      ->type_name("LIST")
      ->group(kGroup);
}

void add_money_options(CLI::App& app, AggregateFlags& flags) {
  constexpr const char* kGroup = "Rates and money";
  app.add_option(
         "-r,--rate", flags.rates,
         "Price of a task per ms, e.g. login=0.005; may be repeated. Wins over RATE_<task> in "
         "the environment, and that over .env")
      ->type_name("TASK=DECIMAL")
      ->group(kGroup)
      ->allow_extra_args(false);
  app.add_option("--env-file", flags.env_file, "Read this file instead of .env of this folder")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--unrated", flags.unrated,
                 "Tasks without a rate: zero (default; with a warning), reject, or fail")
      ->type_name("POLICY")
      ->group(kGroup);
  app.add_option("--rounding", flags.rounding,
                 "Of each line, once: half-up, half-even, half-down, up, down")
      ->type_name("MODE")
      ->group(kGroup)
      ->capture_default_str();
  app.add_option("--scale", flags.scale, "Digits after the point, 0 to 12")
      ->type_name("DIGITS")
      ->group(kGroup)
      ->capture_default_str();
}

void add_reject_options(CLI::App& app, AggregateFlags& flags) {
  constexpr const char* kGroup = "Bad records";
  app.add_option(
         "--rejects", flags.rejects,
         "Set bad records aside in this CSV file and bill the rest. Without it, and without "
         "--max-rejects, one bad record ends the run with exit code 3")
      ->type_name("FILE")
      ->group(kGroup);
  app.add_option("--max-rejects", flags.max_rejects, "Allow so many bad records, or such a share")
      ->type_name("N|P%")
      ->group(kGroup);
}

void add_message_options(CLI::App& app, AggregateFlags& flags) {
  constexpr const char* kGroup = "Messages";
  app.add_flag("-q,--quiet", flags.quiet, "No summary and no progress; warnings stay")
      ->group(kGroup);
  app.add_option("--summary", flags.summary,
                 "text, or json: one line on standard error, also with -q")
      ->type_name("FORM")
      ->group(kGroup)
      ->capture_default_str();
  app.set_help_flag("-h,--help", "This text")->group(kGroup);
}

void add_engine_options(CLI::App& app, AggregateFlags& flags) {
  constexpr const char* kGroup = "Engine";
  app.add_option("--threads", flags.threads, "Default: one for each processor")
      ->type_name("N")
      ->group(kGroup);
  app.add_flag("--naive", flags.naive,
               "The sequential baseline: same bytes, slowly. Also by ENVIRONMENT=naive")
      ->group(kGroup);
  app.add_flag("--parallel", flags.parallel,
               "The parallel engine (default), whatever ENVIRONMENT says")
      ->group(kGroup);
  app.add_option("--chunk-bytes", flags.chunk_bytes, "Size of the pieces of work; for tests")
      ->type_name("N")
      ->group(kGroup);
}

}  // namespace

void add_aggregate_options(CLI::App& app, AggregateFlags& flags) {
  add_file_options(app, flags);
  add_billing_options(app, flags);
  add_money_options(app, flags);
  add_reject_options(app, flags);
  add_message_options(app, flags);
  add_engine_options(app, flags);
}

}  // namespace billing::cli
