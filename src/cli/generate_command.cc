#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>

#include "base/civil_time.h"
#include "base/escape_text.h"
#include "billing/cycle_policy.h"
#include "billing/money.h"
#include "cli/command.h"
#include "cli/generated_files.h"
#include "cli/process.h"
#include "generate/log_generator.h"
#include "job/output_guard.h"
#include "options/numbers.h"
#include "options/settings.h"

namespace billing::cli {
namespace {

struct GenerateFlags {
  std::string records;
  std::string users = "1000";
  std::string zipf = "0";
  std::string start = "2025-05-01";
  std::string end = "2025-06-01";
  std::string order = "time";
  std::string bad = "0%";
  std::string seed = "1";
  std::string format = "text";
  std::string files = "1";
  std::string partition_by;
  bool is_gzip = false;
  std::string output = "-";
};

constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

Error mistake(const std::string& option, const std::string& text, const char* wanted) {
  return Error(ErrorKind::configuration,
               fmt::format("{}: {} is not {}", option, quoted_text(text), wanted));
}

std::int64_t parse_second(const std::string& option, const std::string& text) {
  constexpr const char* kWanted = "a date such as 2025-05-01, or a time in whole seconds";
  std::int64_t time_ns = 0;
  try {
    time_ns = parse_instant_ns(text, "UTC");
  } catch (const Error&) {
    throw mistake(option, text, kWanted);
  }
  if (time_ns % kNanosecondsPerSecond != 0) throw mistake(option, text, kWanted);
  return time_ns / kNanosecondsPerSecond;
}

double parse_exponent(const std::string& text) {
  const auto value = parse_decimal(text);
  if (!value || *value > 10 * kMoneyUnit) throw mistake("--zipf", text, "a number from 0 to 10");
  return static_cast<double>(static_cast<std::uint64_t>(*value)) / 1e12;
}

std::uint32_t parse_bad_ppm(const std::string& text) {
  const auto limit =
      text.ends_with('%') ? parse_decimal(text.substr(0, text.size() - 1)) : std::nullopt;
  constexpr Uint128 kPercentPerPpm = 100'000'000;  // 10^-12 percent
  if (!limit || *limit > kPercentPerPpm * 1'000'000 || *limit % kPercentPerPpm != 0) {
    throw mistake("--bad", text, "a share such as 0.5% (up to four digits after the point)");
  }
  return static_cast<std::uint32_t>(*limit / kPercentPerPpm);
}

LogGeneratorOptions::Order parse_order(const std::string& text) {
  if (text == "time") return LogGeneratorOptions::Order::time;
  if (text == "shuffled") return LogGeneratorOptions::Order::shuffled;
  throw mistake("--order", text, "time or shuffled");
}

LogForm parse_form(const std::string& text) {
  if (text == "text") return LogForm::text;
  if (text == "combined") return LogForm::combined;
  if (text == "json") return LogForm::json;
  if (text == "csv") return LogForm::csv;
  throw mistake("--format", text, "text, combined, json or csv");
}

GeneratedFiles make_files(const GenerateFlags& flags, Mistakes& mistakes) {
  constexpr std::uint64_t kMaxFiles = 100'000;
  GeneratedFiles files;
  files.output = flags.output;
  files.files = mistakes.attempt([&] { return parse_count("--files", flags.files, 1, kMaxFiles); },
                                 std::uint64_t{1});
  files.is_by_date = !flags.partition_by.empty();
  files.is_gzip = flags.is_gzip;
  if (files.is_by_date && flags.partition_by != "date")
    mistakes.add(mistake("--partition-by", flags.partition_by, "date").what());
  if (files.is_by_date && flags.order == "shuffled")
    mistakes.add("--partition-by: needs --order time");
  if (files.is_folder() && flags.output == "-")
    mistakes.add("--output: name a folder, as there is more than one file");
  return files;
}

LogGeneratorOptions make_options(const GenerateFlags& flags, Mistakes& mistakes) {
  LogGeneratorOptions options;
  const auto count = [&mistakes](const char* option, const std::string& text) {
    return mistakes.attempt([&] { return parse_count(option, text, 0, kNoLimit); },
                            std::uint64_t{1});
  };
  options.records = count("--records", flags.records);
  options.users = count("--users", flags.users);
  options.seed = count("--seed", flags.seed);
  options.zipf_exponent = mistakes.attempt([&] { return parse_exponent(flags.zipf); }, 0.0);
  options.start_s =
      mistakes.attempt([&] { return parse_second("--start", flags.start); }, options.start_s);
  options.end_s = mistakes.attempt([&] { return parse_second("--end", flags.end); }, options.end_s);
  options.order = mistakes.attempt([&] { return parse_order(flags.order); }, options.order);
  options.form = mistakes.attempt([&] { return parse_form(flags.format); }, options.form);
  options.bad_ppm = mistakes.attempt([&] { return parse_bad_ppm(flags.bad); }, options.bad_ppm);
  for (const std::string& mistake : mistakes_in(options)) mistakes.add(mistake);
  return options;
}

int run_generate(const GenerateFlags& flags, Mistakes& mistakes) {
  if (flags.records.empty()) {
    mistakes.add("--records: is missing; say how many, e.g. --records 1000000");
    mistakes.report();
  }
  const LogGeneratorOptions options = make_options(flags, mistakes);
  const GeneratedFiles files = make_files(flags, mistakes);
  mistakes.report();
  const auto checkpoint = [] {
    if (interrupted()) throw Error(ErrorKind::interrupted, "interrupted; no log was written");
  };
  std::vector<UsedFile> used_files;
  for (const std::string& path : settings_files({}))
    used_files.push_back(used_file(path, "a file of rates and settings"));
  if (!files.is_folder())
    check_outputs({{"--output", flags.output, OutputContent::log}}, used_files);
  write_generated(options, files, checkpoint);
  return 0;
}

}  // namespace

Action set_up_generate(CommandOptions& options) {
  auto flags = std::make_shared<GenerateFlags>();
  const auto add = [&options](std::string_view names, std::string_view value,
                              std::string_view purpose, std::string& target) -> OptionRow& {
    options.add({.names = names, .value = value, .purpose = purpose, .target = &target});
    return options.options.back();
  };
  add("-n,--records", "N", "How many records; must be given", flags->records);
  add("-u,--users", "N", "How many users: user1 to userN", flags->users);
  add("--zipf", "S", "How unequal users are: 0 all alike; at 1 and above user1 has far the most",
      flags->zipf);
  add("--start", "DATE", "First date or time (UTC)", flags->start);
  add("--end", "DATE", "End of the time range, itself not included", flags->end);
  add("--order", "NAME", "time: never going back; shuffled: in no order", flags->order).choices = {
      "time", "shuffled"};
  add("--bad", "P%", "Share of bad records, of every kind", flags->bad);
  add("--seed", "N", "Another number, another log", flags->seed);
  add("--format", "NAME", "text, or the same calls as a web server, JSON Lines or CSV have them",
      flags->format)
      .choices = {"text", "combined", "json", "csv"};
  add("--files", "N", "How many files; of each day with --partition-by", flags->files);
  add("--partition-by", "date", "A folder YYYY/MM/DD for each day, as --partitioned-by reads",
      flags->partition_by)
      .choices = {"date"};
  options.add({.names = "--gzip", .purpose = "Compress each file", .target = &flags->is_gzip});
  add("-o,--output", "FILE", "A file, or - for standard output; a folder for several files",
      flags->output)
      .completes = Completion::file;
  options.notes = {
      "The same options give the same bytes on every machine; what is compressed, the "
      "same bytes once it is decompressed."};
  options.examples = {{"billing generate --records 1000000 --order shuffled --output logs.txt",
                       "A million records of a thousand users"},
                      {"billing generate -n 1000000 --format combined --partition-by date -o logs/",
                       "A web server's month, a folder a day"}};
  return [flags](Mistakes& mistakes) { return run_generate(*flags, mistakes); };
}

}  // namespace billing::cli
