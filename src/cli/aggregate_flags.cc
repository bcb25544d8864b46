#include "cli/aggregate_flags.h"

namespace billing::cli {
namespace {

void add_input_options(CLI::App& app, AggregateFlags& flags) {
  app.add_option("logs,-i,--input", flags.inputs,
                 "Logs to bill, with or without -i; - is standard input, the default")
      ->type_name("FILE")
      ->group(kFilesGroup);
  app.add_option("--state", flags.state,
                 "Remember in this folder what was read: each later run meters only what is new in "
                 "its inputs, and bills everything")
      ->type_name("FOLDER")
      ->group(kFilesGroup);
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

void add_engine_options(CLI::App& app, AggregateFlags& flags) {
  app.add_flag("--naive", flags.naive,
               "The sequential baseline: same bytes, slowly. Also by ENVIRONMENT=naive")
      ->group(kEngineGroup);
  app.add_flag("--parallel", flags.parallel,
               "The parallel engine (default), whatever ENVIRONMENT says")
      ->group(kEngineGroup);
  app.add_option("--chunk-bytes", flags.chunk_bytes, "Size of the pieces of work; for tests")
      ->type_name("N")
      ->group(kEngineGroup);
}

}  // namespace

void add_aggregate_options(CLI::App& app, AggregateFlags& flags) {
  add_input_options(app, flags);
  add_output_options(app, flags);
  add_billing_options(app, flags);
  add_money_options(app, flags);
  add_reject_options(app, flags);
  add_message_options(app, flags);
  add_resource_options(app, flags);
  add_engine_options(app, flags);
}

}  // namespace billing::cli
