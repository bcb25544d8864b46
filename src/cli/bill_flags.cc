#include "cli/bill_flags.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <thread>

#include "base/escape_text.h"
#include "base/machine_memory.h"
#include "cli/log.h"
#include "cli/numbers.h"
#include "cli/process.h"
#include "cli/progress.h"
#include "render/summary.h"

namespace billing::cli {
namespace {

/// The program itself takes some of it.
constexpr std::uint64_t kLeastMemoryBytes = 64'000'000;

/// The choice whose name was typed. Throws Error(configuration) that lists the names.
template <class Value, std::size_t kCount>
Value choose(const char* option, const std::string& text,
             const std::pair<const char*, Value> (&choices)[kCount]) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += (names.empty() ? "" : ", ") + std::string(name);
  }
  throw Error(ErrorKind::configuration,
              fmt::format("{}: unknown {}; use one of {}", option, quoted_text(text), names));
}

OutputFormat output_format_of(const BillFlags& flags) {
  static constexpr std::pair<const char*, OutputFormat> kFormats[] = {
      {"text", OutputFormat::text}, {"csv", OutputFormat::csv}, {"jsonl", OutputFormat::jsonl}};
  if (flags.output_format) return choose("--output-format", *flags.output_format, kFormats);
  const std::string_view path = flags.output ? *flags.output : std::string_view();
  if (path.ends_with(".csv")) return OutputFormat::csv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return OutputFormat::jsonl;
  return OutputFormat::text;
}

RateSetting parse_rate_flag(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  if (equals == std::string::npos) {
    throw Error(ErrorKind::configuration,
                "--rate: " + quoted_text(text) + " is not of the form task=0.005");
  }
  return {text.substr(0, equals), text.substr(equals + 1), "--rate"};
}

void set_prices(const BillFlags& flags, const Settings& settings, BillJob& job,
                Mistakes& mistakes) {
  std::vector<RateSetting> typed;
  for (const std::string& text : flags.rates) {
    const RateSetting rate = mistakes.attempt([&] { return parse_rate_flag(text); }, RateSetting{});
    if (!rate.source.empty()) typed.push_back(rate);
  }
  job.prices = PriceBook::build({settings.env_file_rates, settings.environment_rates, typed},
                                mistakes.list());
}

void set_rounding(const BillFlags& flags, BillJob& job, Mistakes& mistakes) {
  static constexpr std::pair<const char*, UnratedPolicy> kUnrated[] = {
      {"zero", UnratedPolicy::zero},
      {"reject", UnratedPolicy::reject},
      {"fail", UnratedPolicy::fail}};
  if (flags.unrated) {
    job.unrated = mistakes.attempt([&] { return choose("--unrated", *flags.unrated, kUnrated); },
                                   UnratedPolicy::unset);
  }
  if (const auto rounding = parse_rounding(flags.rounding.value_or("half-up"))) {
    job.rounding.mode = *rounding;
  } else {
    mistakes.add("--rounding: unknown " + quoted_text(*flags.rounding) +
                 "; use one of half-up, half-even, half-down, up, down");
  }
  if (!flags.scale) return;
  job.rounding.scale = static_cast<int>(mistakes.attempt(
      [&] { return parse_count("--scale", *flags.scale, 0, kMoneyDecimals); }, std::uint64_t{2}));
}

void set_output(const BillFlags& flags, BillJob& job, Mistakes& mistakes) {
  job.started_s = std::time(nullptr);
  if (flags.output) job.output = *flags.output;
  if (job.output.empty()) mistakes.add("--output: the name is empty; use - for standard output");
  job.output_format = mistakes.attempt([&] { return output_format_of(flags); }, OutputFormat::text);
  job.csv_safe = flags.csv_safe;
}

/// A partial is usage that is not rated: what only a bill has does not go with it.
void set_partial(const BillFlags& flags, BillJob& job, Mistakes& mistakes) {
  if (!flags.partial) return;
  job.partial = flags.partial;
  if (flags.partial->empty()) mistakes.add("--partial: the name is empty");
  const auto refuse = [&mistakes](bool given, const char* option) {
    if (given) {
      mistakes.add(fmt::format(
          "{} and --partial exclude each other: a partial is not billed yet; see billing merge",
          option));
    }
  };
  refuse(flags.output.has_value(), "--output");
  refuse(flags.output_format.has_value(), "--output-format");
  refuse(!flags.rates.empty(), "--rate");
  refuse(flags.unrated.has_value(), "--unrated");
  refuse(flags.rounding.has_value(), "--rounding");
  refuse(flags.scale.has_value(), "--scale");
}

void set_resources(const BillFlags& flags, const Settings& settings, BillJob& job,
                   Mistakes& mistakes) {
  job.threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  if (flags.threads) {
    job.threads = mistakes.attempt([&] { return parse_threads(*flags.threads); }, 1U);
  }
  job.memory_limit_bytes = machine_memory_bytes() / 10 * 6;
  if (flags.memory_limit) {
    job.memory_limit_bytes = mistakes.attempt(
        [&] { return parse_bytes("--memory-limit", *flags.memory_limit, kLeastMemoryBytes); },
        job.memory_limit_bytes);
  }
  job.temp_folder = flags.temp_dir.value_or(settings.temp_folder);
  if (job.temp_folder.empty()) mistakes.add("--temp-dir: the name is empty");
  if (flags.slice_bytes) {
    job.slice_bytes = mistakes.attempt(
        [&] { return parse_count("--slice-bytes", *flags.slice_bytes, 1, std::uint64_t{1} << 60); },
        std::uint64_t{0});
  }
}

}  // namespace

void add_output_options(CLI::App& app, BillFlags& flags) {
  app.add_option("-o,--output", flags.output,
                 "Where the bill goes: a file, a folder (a name with the time is made up), or - "
                 "(default) for standard output. Appears whole or not at all")
      ->type_name("PATH")
      ->group(kFilesGroup);
  app.add_option("--output-format", flags.output_format,
                 "text, csv or jsonl. Default: by the ending of --output, else text")
      ->type_name("NAME")
      ->group(kFilesGroup);
  app.add_flag("--csv-safe", flags.csv_safe, "Put ' before CSV cells that begin with = + - @")
      ->group(kFilesGroup);
  app.add_option("--partial", flags.partial,
                 "Write the usage, not rated, to this file instead of a bill: for billing merge")
      ->type_name("FILE")
      ->group(kFilesGroup);
}

void add_money_options(CLI::App& app, BillFlags& flags) {
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
                 "Of each line, once: half-up (default), half-even, half-down, up, down")
      ->type_name("MODE")
      ->group(kGroup);
  app.add_option("--scale", flags.scale, "Digits after the point, 0 to 12. Default: 2")
      ->type_name("DIGITS")
      ->group(kGroup);
}

void add_message_options(CLI::App& app, BillFlags& flags) {
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

void add_resource_options(CLI::App& app, BillFlags& flags) {
  app.add_option("--threads", flags.threads, "Default: one for each processor")
      ->type_name("N")
      ->group(kEngineGroup);
  app.add_option("--memory-limit", flags.memory_limit,
                 "Keep no more than this in memory, e.g. 2GB; the rest goes to temporary files. "
                 "Default: 60 % of what the machine or the container has")
      ->type_name("SIZE")
      ->group(kEngineGroup);
  app.add_option("--temp-dir", flags.temp_dir,
                 "Where temporary files go. Default: TMPDIR, else /var/tmp")
      ->type_name("FOLDER")
      ->group(kEngineGroup);
  app.add_option("--slice-bytes", flags.slice_bytes,
                 "Usage kept in memory before it goes to a temporary file; for tests")
      ->type_name("N")
      ->group(kEngineGroup);
}

Settings read_bill_settings(const BillFlags& flags, Mistakes& mistakes) {
  Settings settings = read_settings(flags.env_file, mistakes);
  if (settings.log_level && !set_log_level(*settings.log_level)) {
    mistakes.add("LOG_LEVEL: unknown level " + quoted_text(*settings.log_level) +
                 "; use one of trace, debug, info, warning, error, critical, off");
  }
  return settings;
}

void set_bill(const BillFlags& flags, const Settings& settings, BillJob& job, Mistakes& mistakes) {
  if (flags.summary != "text" && flags.summary != "json") {
    mistakes.add("--summary: unknown " + quoted_text(flags.summary) + "; use text or json");
  }
  set_output(flags, job, mistakes);
  set_partial(flags, job, mistakes);
  set_rounding(flags, job, mistakes);
  set_prices(flags, settings, job, mistakes);
  set_resources(flags, settings, job, mistakes);
}

void run_and_report(const BillFlags& flags, const BillJob& job,
                    const std::function<JobReport(const JobHooks&)>& run) {
  JobReport report;
  {
    ProgressLine progress(!flags.quiet);
    JobHooks hooks;
    hooks.cancelled = interrupted;
    hooks.progress = [&progress](const Progress& at) { progress.show(at); };
    hooks.warn = [&progress](const std::string& warning) {
      progress.wipe();
      spdlog::warn("{}", warning);
    };
    report = run(hooks);
  }
  for (const PassTime& pass : report.passes) {
    spdlog::debug("{}: {:.3f} s", pass.name, pass.wall_s);
  }
  if (flags.summary == "json") {
    std::fputs(summary_json(job, report).c_str(), stderr);  // if nobody reads it, so be it
  } else if (!flags.quiet) {
    std::fputs(summary_text(job, report).c_str(), stderr);
  }
}

}  // namespace billing::cli
